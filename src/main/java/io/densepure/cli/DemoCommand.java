package io.densepure.cli;

import io.densepure.InputException;
import io.densepure.certify.Guarantee;
import io.densepure.certify.SamplingPlan;
import io.densepure.certify.VoteFiles;
import io.densepure.certify.VoteSaving;
import io.densepure.config.SetupConfig;
import io.densepure.diffusion.ReverseMode;
import io.densepure.pipeline.CertifyRequest;
import io.densepure.pipeline.Devices;
import io.densepure.pipeline.Execution;
import io.densepure.pipeline.Setup;
import io.densepure.pipeline.SmoothingNoise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code demo}: three ways to certify the same bundled images, side by side. */
@Command(
    name = "demo",
    sortOptions = false,
    description =
        "Certify bundled test images three ways, side by side: the bare classifier under"
            + " smoothing, Carlini et al.'s one-shot denoising, and DensePure.",
    footer = {
      "",
      "Examples:",
      "  densepure demo",
      "  densepure demo --images 50 --samples 1000 --votes 10 --steps 10 --sigma 0.5"
    })
final class DemoCommand implements Callable<Integer> {
  private static final String SETUP = "fashion-mnist";
  private static final double ALPHA = 0.001;
  private static final long SEED = 0;
  private static final int MAX_SELECTION = 100;
  private static final int REPORTED = 50; // images with pictures in the report
  private static final String REPORT = "report.html";

  @Option(
      names = "--images",
      paramLabel = "I",
      defaultValue = "20",
      description = "Test images, spread over the test set. Default: 20.")
  private int images;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "100",
      description = "Noisy copies of each image. Default: 100.")
  private int samples;

  @Option(
      names = "--votes",
      paramLabel = "K",
      defaultValue = "3",
      description = "DensePure's denoisings of each noisy copy. Default: 3.")
  private int votes;

  @Option(
      names = "--steps",
      paramLabel = "B",
      defaultValue = "3",
      description = "DensePure's reverse steps. Default: 3.")
  private int steps;

  @Option(
      names = "--sigma",
      paramLabel = "S",
      defaultValue = "0.25",
      description = "Standard deviation of the noise, on pixels in [0, 1]. Default: 0.25.")
  private double sigma;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "demo",
      description = "Folder for tables, votes and pictures. Default: demo.")
  private Path out;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "0",
      description = "Noisy copies that a GPU computes at once; results do not depend on it.")
  private int batch;

  @Option(names = "--json", description = "Print the results as one JSON object.")
  private boolean json;

  @Mixin private SharedComputeOptions compute;

  @Override
  public Integer call() throws IOException {
    if (images < 1) {
      throw InputException.of("--images must be at least 1, not %d", images);
    }
    Setup setup = new Setup(SetupConfig.load(SETUP, null));
    int size = setup.dataset().size();
    if (images > size) {
      throw InputException.of("--images %d: there are %d", images, size);
    }
    createFolder();
    DemoPictures pictures = new DemoPictures(setup.dataset(), sigma);
    try (Devices devices = compute.open()) {
      CertifySession session = new CertifySession(devices, setup, json, RunLog.none());
      List<Integer> ids = IntStream.range(0, images).map(i -> i * (size / images)).boxed().toList();
      certify(session, ids, "base", null, 1, pictures::base);
      certify(session, ids, "one-shot", new ReverseMode.OneShot(0), 1, pictures::oneShot);
      certify(session, ids, "densepure", new ReverseMode.Steps(steps), votes, pictures::densePure);
      if (json) {
        session.print();
      } else {
        DemoTable.print(System.out, session.tables(), setup.dataset().classNames());
      }
      pictures.write(out, session.tables());
      ReportOptions.writePage(
          "Fashion-MNIST, sigma = " + sigma, out.resolve(REPORT), session.tables());
    }
    if (!json) {
      System.out.printf(
          "Open %s in a browser for everything, image by image%n", out.resolve(REPORT));
      System.out.printf(
          "Tables, votes and journals: %s/  Pictures: %s, %s%n",
          out, out.resolve(DemoPictures.CURVES), out.resolve(DemoPictures.GRID));
    }
    return 0;
  }

  private void createFolder() {
    try {
      Files.createDirectories(out);
    } catch (IOException e) {
      throw new InputException("--out " + out + ": cannot be made: " + e.getMessage(), e);
    }
  }

  private void certify(
      CertifySession session,
      List<Integer> ids,
      String name,
      ReverseMode mode,
      int k,
      CertifySession.Inspector inspector)
      throws IOException {
    List<Long> reverseSeeds = LongStream.range(0, k).boxed().toList();
    VoteFiles votes = new VoteFiles(out.resolve("votes").resolve(name + "-").toString());
    CertifyRequest request =
        new CertifyRequest(
            null,
            mode,
            ids,
            new SmoothingNoise(sigma, SEED, reverseSeeds),
            new CertifyRequest.Sampling(
                new SamplingPlan(Math.min(MAX_SELECTION, Math.max(1, samples / 10)), samples, k),
                Guarantee.FIXED,
                ALPHA,
                false),
            new Execution(batch, compute.dtype()),
            new CertifyRequest.Output(
                out.resolve(name + ".tsv"), VoteSaving.each(votes, reverseSeeds), false, null));
    Files.deleteIfExists(request.journal()); // the demo always starts afresh
    session.run(
        request,
        (run, results) -> {
          inspector.look(run, results);
          RunPictures.save(run, request, results, REPORTED);
        });
  }
}
