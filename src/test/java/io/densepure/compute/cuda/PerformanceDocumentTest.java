package io.densepure.compute.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.compute.DType;
import io.densepure.compute.Ops;
import io.densepure.compute.Program;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.compute.cuda.EagerLaunches.Family;
import io.densepure.compute.cuda.Launches.Launch;
import io.densepure.model.AttentionConfig;
import io.densepure.model.Beit;
import io.densepure.model.BeitConfig;
import io.densepure.model.DiffusionModel;
import io.densepure.model.ImageClassifier;
import io.densepure.model.PatchGrid;
import io.densepure.model.UNet;
import io.densepure.model.UNetConfig;
import io.densepure.model.Vit;
import io.densepure.model.VitConfig;
import io.densepure.weights.WeightStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Makes {@code docs/performance.md}: how much work a forward pass is on a GPU, counted from the
 * recorded programs, and what a GPU would need for it at best. {@code -Ddocs.update} writes that
 * file.
 */
class PerformanceDocumentTest {
  private static final Path DOCUMENT = Path.of("docs/performance.md");

  /** Records a forward pass on a batch of images. */
  private interface Forward {
    void record(Ops ops, BiFunction<DType, Shape, Tensor> input, Shape x, DType dtype);
  }

  /**
   * @param parameters that the published network has, in all
   * @param images a batch, as large as the command line would choose
   */
  private record Subject(
      String name,
      Family family,
      long parameters,
      Shape images,
      Function<WeightStore, Forward> build) {}

  private static final UNetConfig CIFAR10_UNET =
      new UNetConfig(
          3,
          128,
          6,
          3,
          Set.of(2, 4),
          List.of(1.0, 2.0, 2.0, 2.0),
          true,
          0,
          AttentionConfig.FOUR_HEADS,
          true,
          false);

  private static final UNetConfig IMAGENET_UNET =
      new UNetConfig(
          3,
          256,
          6,
          2,
          Set.of(8, 16, 32),
          List.of(1.0, 1.0, 2.0, 2.0, 4.0, 4.0),
          true,
          0,
          new AttentionConfig(4, 64, -1, false),
          true,
          true);

  private static final VitConfig VIT_BASE =
      new VitConfig(
          new PatchGrid(14, 14, 16, 3), 768, 12, 12, 3072, true, VitConfig.USUAL_EPS, 1000);

  private static final BeitConfig BEIT_LARGE =
      new BeitConfig(
          new PatchGrid(32, 32, 16, 3),
          1024,
          24,
          16,
          64,
          4096,
          true,
          false,
          BeitConfig.Relative.PER_BLOCK,
          true,
          true,
          1000);

  private static final List<Subject> SUBJECTS =
      List.of(
          new Subject(
              "UNet, CIFAR-10",
              Family.UNET,
              52_546_438,
              Shape.of(1024, 32, 32, 3),
              w -> unet(UNet.load(w, CIFAR10_UNET))),
          new Subject(
              "UNet, ImageNet 256×256",
              Family.UNET,
              552_814_086,
              Shape.of(16, 256, 256, 3),
              w -> unet(UNet.load(w, IMAGENET_UNET))),
          new Subject(
              "ViT-B/16, 224×224",
              Family.VIT,
              86_567_656,
              Shape.of(16, 224, 224, 3),
              w -> classifier(Vit.load(w, VIT_BASE))),
          new Subject(
              "BEiT-L/16, 512×512",
              Family.BEIT,
              305_674_728,
              Shape.of(4, 512, 512, 3),
              w -> classifier(Beit.load(w, BEIT_LARGE))));

  private static Forward unet(DiffusionModel model) {
    return (ops, input, x, dtype) ->
        model.forward(
            ops, input.apply(DType.F32, x), input.apply(DType.F32, Shape.of(1)), null, dtype);
  }

  private static Forward classifier(ImageClassifier model) {
    return (ops, input, x, dtype) -> model.logits(ops, input.apply(DType.F32, x), dtype);
  }

  /**
   * A GPU's peaks, from NVIDIA's data sheets.
   *
   * @param flops dense products of 16-bit numbers on tensor cores, per second
   * @param bandwidth of its memory, bytes per second
   */
  private record Gpu16(String name, double flops, double bandwidth) {
    private static final double PRODUCTS = 0.6;
    private static final double MEMORY = 0.8;

    /** The slower of arithmetic and memory for each launch, one after the other. */
    double seconds(List<Launch> launches) {
      return launches.stream()
          .mapToDouble(
              l -> Math.max(l.operations() / (PRODUCTS * flops), l.bytes() / (MEMORY * bandwidth)))
          .sum();
    }
  }

  private static final Gpu16 A100 = new Gpu16("A100 80 GB SXM", 312e12, 2.039e12);
  private static final Gpu16 H100 = new Gpu16("H100 SXM", 989e12, 3.35e12);

  /** What was counted of one network in one precision. */
  private record Count(Subject subject, DType dtype, Launches launches, int eager) {
    int total() {
      return launches.all().size();
    }

    long of(String library) {
      return launches.of(library).count();
    }

    double perImage(ToLongFunction<Launch> what) {
      return launches.all().stream().mapToLong(what).sum() / (double) subject.images.dim(0);
    }
  }

  @BeforeAll
  static void onTheHarnessOnly() {
    assumeFalse(
        System.getProperty(NativeLibraries.FOLDERS_PROPERTY, "").isEmpty(),
        "SKIPPED: another cuDNN may choose other algorithms than the document's");
  }

  private static Count count(Subject subject, DType dtype) {
    ShapesOnly weights = new ShapesOnly();
    Forward forward = subject.build.apply(weights);
    assertEquals(subject.parameters, weights.parameters(), subject.name);
    EagerLaunches eager = new EagerLaunches(subject.family, dtype);
    Launches launches =
        Launches.of(
            (ops, input) -> forward.record(eager.watching(ops), input, subject.images, dtype));
    return new Count(subject, dtype, launches, eager.count());
  }

  @Test
  void theDocumentIsUpToDate() throws IOException {
    StringBuilder launches = new StringBuilder();
    StringBuilder work = new StringBuilder();
    StringBuilder estimates = new StringBuilder();
    for (Subject subject : SUBJECTS) {
      for (DType dtype : List.of(DType.F16, DType.F32)) {
        Count c = count(subject, dtype);
        double goal = subject.family == Family.VIT ? 0.53 : 0.5; // GELU is one launch more
        assertTrue(c.total() < goal * c.eager, subject.name + ": " + c.total() + " of " + c.eager);
        launches.append(launchRow(c));
        if (dtype == DType.F16) {
          work.append(workRow(c));
          estimates.append(estimateRow(c));
        }
      }
    }
    String document =
        TEMPLATE
            .replace("{launches}", launches)
            .replace("{work}", work)
            .replace("{estimates}", estimates)
            .replace("{rules}", EagerLaunches.RULES.strip());
    if (System.getProperty("docs.update") != null) {
      Files.writeString(DOCUMENT, document);
    }
    assertEquals(
        document, Files.readString(DOCUMENT), DOCUMENT + " is out of date: run with -Ddocs.update");
  }

  private static String launchRow(Count c) {
    long libraries = c.of("cuDNN") + c.of("cuBLAS");
    return format(
        "| %s | %s | %d | %d | %d | **%d** | %d | %.2f |%n",
        c.subject.name,
        c.dtype.label(),
        c.of("cuDNN"),
        c.of("cuBLAS"),
        c.total() - libraries,
        c.total(),
        c.eager,
        c.total() / (double) c.eager);
  }

  private static String workRow(Count c) {
    return format(
        "| %s | %d | %.1f | %.1f | %.0f | %.0f |%n",
        c.subject.name,
        c.subject.images.dim(0),
        c.subject.parameters / 1e6,
        c.perImage(Launch::operations) / 1e9,
        c.perImage(Launch::bytes) / 1e6,
        c.perImage(Launch::operations) / c.perImage(Launch::bytes));
  }

  private static String estimateRow(Count c) {
    StringBuilder row = new StringBuilder("| " + c.subject.name);
    for (Gpu16 gpu : List.of(A100, H100)) {
      double seconds = gpu.seconds(c.launches.all());
      List<Launch> ours =
          c.launches.all().stream()
              .filter(l -> !l.kernel().startsWith("cu"))
              .filter(l -> !l.kernel().equals("attention"))
              .toList();
      row.append(
          format(
              " | %.2f | %.0f %%",
              1000 * seconds / c.subject.images.dim(0), 100 * gpu.seconds(ours) / seconds));
    }
    return row + " |\n";
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format.replace("%n", "\n"), values);
  }

  /** One real pass of a small UNet on the harness, every step launched by itself. */
  static final class RealPass {
    private static final UNetConfig CONFIG =
        new UNetConfig(
            3,
            32,
            6,
            1,
            Set.of(2),
            List.of(1.0, 2.0),
            true,
            0,
            AttentionConfig.FOUR_HEADS,
            true,
            false);

    private static final Shape IMAGES = Shape.of(2, 8, 8, 3);

    public static void main(String[] args) {
      DiffusionModel model = UNet.load(new ShapesOnly(), CONFIG);
      try (CudaDevice device = CudaDevice.open(0, new CudaOptions(false, false));
          Program program =
              device.record(ops -> unet(model).record(ops, device::allocate, IMAGES, DType.F16))) {
        program.run();
        device.synchronize();
      }
    }
  }

  /** What is only noted here agrees with what the libraries see when it is really done. */
  @Test
  void theCountIsThatOfARealPass(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("counters.json");
    ChildJvm child = ChildJvm.onHarness(RealPass.class, Map.of("COUNTERS", file.toString()));
    assertEquals(0, child.exit(), child.errors());
    JsonNode counters = new ObjectMapper().readTree(file.toFile());
    Launches counted =
        Launches.of(
            (ops, input) ->
                unet(UNet.load(new ShapesOnly(), RealPass.CONFIG))
                    .record(ops, input, RealPass.IMAGES, DType.F16));
    JsonNode blas = counters.get("libraries").get("cublasGemmEx");
    JsonNode plain = counters.get("libraries").get("cudnnConvolutionForward");
    JsonNode fused = counters.get("libraries").get("cudnnConvolutionBiasActivationForward");
    assertEquals(sum("calls", blas), counted.of("cuBLAS").count());
    assertEquals(sum("calls", plain, fused), counted.of("cuDNN").count());
    assertEquals(sum("flops", blas), counted.of("cuBLAS").mapToLong(Launch::operations).sum());
    assertEquals(
        sum("flops", plain, fused), counted.of("cuDNN").mapToLong(Launch::operations).sum());
    assertEquals(
        counters.get("calls").get("cuLaunchKernel").asLong() + sum("calls", blas, plain, fused),
        counted.all().size());
  }

  private static long sum(String field, JsonNode... functions) {
    return Stream.of(functions).mapToLong(f -> f.get(field).asLong()).sum();
  }

  private static final String TEMPLATE =
      """
      # Work of a forward pass on a GPU

      Generated by `PerformanceDocumentTest` (`mvn test -Dtest=PerformanceDocumentTest -Ddocs.update`) from the programs
      that the CUDA backend records, for a cuDNN that fuses bias and residual wherever its documentation says so. **Times are estimates: nobody has measured this program on a GPU.**

      ## Launches

      Of one forward pass: convolutions by cuDNN, matrix products by cuBLAS, our own kernels, and what PyTorch launches for
      the same network when it runs the original's modules eagerly. A program is replayed as one CUDA graph from its second
      run on, so the host launches once whatever the number; it still says how often intermediate results go through memory.
      cuDNN multiplies in linear layers, too, where it adds bias and residual in the same launch; what remains of cuBLAS is
      mostly followed by a GELU, which neither library fuses in the calls that Java has.

      | network | precision | cuDNN | cuBLAS | our kernels | in all | PyTorch eager | ratio |
      |---|---|--:|--:|--:|--:|--:|--:|
      {launches}
      PyTorch's are counted from the modules' code by these rules. Views, dropout at inference, copies inside of `matmul` and
      `einsum`, and changes of layout inside of cuDNN are left out, so these are lower bounds.

      {rules}

      ## Arithmetic and memory

      In fp16, at the batch that the command line takes if memory allows. GFLOP are those of convolutions, matrix products
      and attention, two for each multiplication and addition. Bytes are those of every launch's operands, weights included,
      as if nothing stayed in the cache between launches.

      | network | batch | million weights | GFLOP per image | MB per image | FLOP per byte |
      |---|--:|--:|--:|--:|--:|
      {work}
      ## Estimates

      A roofline for fp16: each launch takes as long as the slower of its arithmetic, at 60 % of the peak of the tensor cores
      (A100 80 GB SXM: 312 TFLOP/s, H100 SXM: 989 TFLOP/s), and its memory traffic, at 80 % of the peak bandwidth (2.04 and
      3.35 TB/s); launches follow each other without gaps, as in a graph. Small launches will fall short of that. One image
      is one step of one lane: a certificate of N copies, K votes and b steps costs N·K·b of the UNet's.

      | network | A100: ms per image | in our pointwise and norm kernels | H100: ms per image | in our pointwise and norm kernels |
      |---|--:|--:|--:|--:|
      {estimates}""";
}
