package io.densepure.cli;

import io.densepure.InputException;
import io.densepure.compute.Device;
import io.densepure.data.Dataset;
import io.densepure.data.ImageDecoder;
import io.densepure.pipeline.Backends;
import io.densepure.pipeline.Execution;
import io.densepure.pipeline.PurifyRequest;
import io.densepure.pipeline.PurifyRun;
import io.densepure.pipeline.Setup;
import io.densepure.pipeline.SmoothingNoise;
import io.densepure.report.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code purify}: what the diffusion model makes of noisy images, as pictures. */
@Command(
    name = "purify",
    sortOptions = false,
    description =
        "Add noise to images, denoise them with the diffusion model, and write the results as PNG.",
    footer = {
      "",
      "Examples:",
      "  densepure purify --ids 0,1 --sigma 0.5 --steps 5 --votes 4 --strip",
      "  densepure purify cat.jpg dog.png --config imagenet --sigma 0.5 --one-shot",
      "  densepure purify grainy.png --noisy --sigma 0.25 --steps 10"
    })
final class PurifyCommand implements Callable<Integer> {
  /** As many states of the reverse process as a screen shows side by side. */
  private static final int STAGES = 10;

  @Parameters(
      arity = "0..*",
      paramLabel = "IMAGE",
      description =
          "Image files. One of another size than the model's is scaled so that its shorter side"
              + " fits, and its middle is cut out.")
  private List<Path> files = List.of();

  @Option(
      names = {"--ids", "--sample_id"},
      paramLabel = "I",
      arity = "1..*",
      split = ",",
      description = "Images of the configuration's data set by index.")
  private List<Integer> ids = List.of();

  @Option(
      names = "--noisy",
      description = "The images have noise of --sigma in them already; add none.")
  private boolean noisy;

  @Option(names = "--strip", description = "Also write the states between the reverse steps.")
  private boolean strip;

  @Option(
      names = {"--out", "-o"},
      paramLabel = "DIR",
      defaultValue = "purified",
      description = "Folder for the pictures. Default: purified.")
  private Path out;

  @Option(names = "--json", description = "Print what was written as one JSON object.")
  private boolean json;

  @Mixin private SetupOptions setupOptions;
  @Mixin private SmoothingOptions smoothing;
  @Mixin private ComputeOptions compute;

  /** An image to purify; {@code index} is part of the key of its noise. */
  private record Source(String name, int index, Picture picture) {}

  @Override
  public Integer call() throws IOException {
    if (files.isEmpty() == ids.isEmpty()) {
      throw new InputException("give image files, or --ids of a data set's images: one of the two");
    }
    Setup setup = setupOptions.load();
    List<Source> sources = ids.isEmpty() ? fromFiles(setup) : fromDataset(setup);
    Picture first = sources.get(0).picture();
    PurifyRequest request = request();
    PurifiedPictures pictures =
        new PurifiedPictures(Files.createDirectories(out), smoothing.sigma, noisy);
    try (Device device = Backends.open(compute.backend, compute.threads());
        PurifyRun run =
            PurifyRun.open(
                device,
                setup,
                request,
                first.channels(),
                first.height(),
                first.width(),
                System.err::println)) {
      purify(run, sources, pictures);
    }
    pictures.print(System.out, json);
    return 0;
  }

  private PurifyRequest request() {
    List<Long> seeds =
        LongStream.range(0, smoothing.votes).mapToObj(k -> smoothing.reverseSeed + k).toList();
    return new PurifyRequest(
        smoothing.mode(),
        new SmoothingNoise(smoothing.sigma, smoothing.seed, seeds, !noisy),
        strip ? STAGES : 0,
        new Execution(smoothing.batch, compute.dtype()));
  }

  private static void purify(PurifyRun run, List<Source> sources, PurifiedPictures pictures)
      throws IOException {
    long total = run.stepsPerImage() * sources.size();
    long[] done = {0};
    try (ProgressReporter bar = new ProgressReporter("purify", "reverse steps", total)) {
      for (Source source : sources) {
        String note = source.name();
        PurifyRun.Purified purified =
            run.run(
                source.index(),
                source.picture().pixels(),
                step -> bar.update(++done[0], total, note));
        pictures.add(source.name(), source.picture(), purified, run);
      }
    }
  }

  private List<Source> fromDataset(Setup setup) {
    Dataset data = setup.dataset();
    setup.checkImages(ids, data);
    List<Source> sources = new ArrayList<>();
    for (int id : ids) {
      float[] pixels = data.image(id).ravel().toFloatVector();
      Picture picture = new Picture(pixels, data.channels(), data.height(), data.width());
      sources.add(new Source(data.name() + "-" + id, id, picture));
    }
    return sources;
  }

  private List<Source> fromFiles(Setup setup) {
    List<Source> sources = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Path file : files) {
      float[] pixels =
          ImageDecoder.decode(file)
              .shortSide(setup.imageSize())
              .centerCrop(setup.imageSize())
              .toTensor();
      int channels = setup.imageChannels();
      Picture picture =
          new Picture(
              channels == 1 ? gray(pixels) : pixels,
              channels,
              setup.imageSize(),
              setup.imageSize());
      sources.add(new Source(unused(file, names), sources.size(), picture));
    }
    return sources;
  }

  /** The file's name without its ending, numbered if another folder had one of that name. */
  private static String unused(Path file, Set<String> names) {
    String stem = file.getFileName().toString().replaceFirst("\\.[^.]+$", "");
    String name = stem;
    for (int i = 2; !names.add(name); i++) {
      name = stem + "_" + i;
    }
    return name;
  }

  /** Luma of ITU-R 601, as Pillow's {@code convert("L")}, but not rounded to bytes. */
  private static float[] gray(float[] rgb) {
    int plane = rgb.length / 3;
    float[] out = new float[plane];
    for (int i = 0; i < plane; i++) {
      out[i] = 0.299f * rgb[i] + 0.587f * rgb[plane + i] + 0.114f * rgb[2 * plane + i];
    }
    return out;
  }
}
