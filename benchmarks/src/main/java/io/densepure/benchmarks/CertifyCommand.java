package io.densepure.benchmarks;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.densepure.certify.Guarantee;
import io.densepure.certify.SamplingPlan;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.cpu.CpuDevice;
import io.densepure.config.SetupConfig;
import io.densepure.diffusion.ReverseMode;
import io.densepure.pipeline.CertifyRequest;
import io.densepure.pipeline.CertifyRun;
import io.densepure.pipeline.Devices;
import io.densepure.pipeline.Execution;
import io.densepure.pipeline.Setup;
import io.densepure.pipeline.SmoothingNoise;
import io.densepure.weights.SafetensorsWriter;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import javax.imageio.ImageIO;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code benchmarks/run certify}: where the time of a whole certification goes. */
@Command(
    name = "certify",
    description = {
      "Certifies an image with the paper's CIFAR-10 networks (random weights) and shows which share"
          + " of the time the networks take, and which all the rest."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class CertifyCommand implements Callable<Integer> {
  /** Operations that are not a network's. */
  private static final Set<String> REST =
      Set.of(
          "gaussianNoise",
          "combine",
          "ddpmStep",
          "resizeBicubic",
          "toBytes",
          "resizeBytes",
          "argmax",
          "assign");

  private static final int CIFAR_SIZE = 32;
  private static final int CLASSES = 10;

  @Option(
      names = "--classifier",
      defaultValue = "wide-resnet-28-10",
      description = "wide-resnet-28-10 or vit-b-16")
  private Network classifier;

  @Option(names = "--dtype", defaultValue = "fp32", description = "fp32 or bf16")
  private DType dtype;

  @Option(names = "--steps", defaultValue = "2", description = "reverse steps")
  private int steps;

  @Option(names = "--lanes", defaultValue = "256", description = "lanes to run")
  private int lanes;

  @Option(names = "--threads", defaultValue = "2", description = "CPU threads")
  private int threads;

  @Override
  public Integer call() throws IOException {
    Path folder = Files.createTempDirectory("densepure-benchmark");
    List<TimedDevice> team = CpuDevice.openTeam(threads).stream().map(TimedDevice::new).toList();
    List<Supplier<? extends Device>> openers = new ArrayList<>();
    team.forEach(device -> openers.add(() -> device));
    try (Devices devices = new Devices(openers)) {
      Setup setup = new Setup(SetupConfig.load(writeSetup(folder).toString(), null));
      certify(devices, setup, folder.resolve("warm-up"), lanes);
      team.forEach(TimedDevice::reset);
      double seconds = certify(devices, setup, folder.resolve("timed"), lanes);
      print(team, seconds);
    } finally {
      Benchmarks.delete(folder);
    }
    return 0;
  }

  /** Returns how long the lanes took, without loading and recording. */
  private double certify(Devices devices, Setup setup, Path table, int count) {
    SamplingPlan plan = new SamplingPlan(1, count - 1, 1);
    CertifyRequest request =
        new CertifyRequest(
            null,
            new ReverseMode.Steps(steps),
            List.of(0),
            new SmoothingNoise(0.25, 0, List.of(0L)),
            new CertifyRequest.Sampling(plan, Guarantee.FIXED, 0.001, true),
            new Execution(0, dtype),
            CertifyRequest.Output.table(table));
    try (CertifyRun run =
        CertifyRun.open(devices, setup, request, JsonNodeFactory.instance.objectNode())) {
      long start = System.nanoTime();
      run.run(progress -> {}, image -> {}, System.err::println);
      return (System.nanoTime() - start) * 1e-9;
    }
  }

  /**
   * @param seconds that the run took, on each thread of the team
   */
  private void print(List<TimedDevice> team, double seconds) {
    double all = seconds * team.size();
    double programs = team.stream().mapToLong(TimedDevice::nanos).sum() * 1e-9;
    Map<String, Double> operations = new HashMap<>();
    for (TimedDevice device : team) {
      device.nanosByOperation().forEach((o, nanos) -> operations.merge(o, nanos, Double::sum));
    }
    System.out.printf(
        "UNet (%d steps) and %s, %s; %s%n%.1f ms a lane%n%n",
        steps, classifier.label(), dtype.label(), team.get(0).description(), 1e3 * seconds / lanes);
    double networks = 0;
    for (Map.Entry<String, Double> e : sorted(operations)) {
      double share = e.getValue() * 1e-9 / all;
      boolean rest = REST.contains(e.getKey());
      networks += rest ? 0 : share;
      System.out.printf("  %5.2f %%  %s%s%n", 100 * share, e.getKey(), rest ? " (rest)" : "");
    }
    System.out.printf(
        "  %5.2f %%  Java outside of programs (rest)%n%nnetworks: %.2f %%%n",
        100 * (1 - programs / all), 100 * networks);
  }

  private static List<Map.Entry<String, Double>> sorted(Map<String, Double> operations) {
    return operations.entrySet().stream()
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .toList();
  }

  /** Images, both networks' weights, and the configuration that names them. */
  private Path writeSetup(Path folder) throws IOException {
    writeWeights(Network.UNET_CIFAR10, folder.resolve("unet.safetensors"));
    writeWeights(classifier, folder.resolve("classifier.safetensors"));
    for (int label = 0; label < CLASSES; label++) {
      Path ofClass = folder.resolve("images").resolve("class" + label);
      ImageIO.write(image(), "png", Files.createDirectories(ofClass).resolve("0.png").toFile());
    }
    boolean vit = classifier == Network.VIT_B_16;
    Path config = folder.resolve("setup.yml");
    Files.writeString(
        config,
        """
        dataset: {name: image-folder, path: images, resize: 32, crop: 32}
        diffusion_type: ddpm
        diffusion_checkpoint: unet.safetensors
        model: {image_size: 32, num_channels: 128, num_res_blocks: 3, attention_resolutions: '16,8',
          num_heads: 4, learn_sigma: true, use_scale_shift_norm: true, rescale_timesteps: true,
          noise_schedule: cosine, diffusion_steps: 4000}
        classifiers:
          classifier: {network: %s, checkpoint: classifier.safetensors, %s
            mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5]}
        """
            .formatted(vit ? "vit" : "wide-resnet", vit ? "resize: vit, size: 224," : ""));
    return config;
  }

  private void writeWeights(Network network, Path file) {
    RandomWeights weights = new RandomWeights();
    network.libtorch(weights, DType.F32, 1); // asks for each of them
    SafetensorsWriter.write(file, weights.store());
  }

  private static BufferedImage image() {
    BufferedImage image = new BufferedImage(CIFAR_SIZE, CIFAR_SIZE, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(0);
    for (int i = 0; i < CIFAR_SIZE * CIFAR_SIZE; i++) {
      image.setRGB(i % CIFAR_SIZE, i / CIFAR_SIZE, random.nextInt(1 << 24));
    }
    return image;
  }
}
