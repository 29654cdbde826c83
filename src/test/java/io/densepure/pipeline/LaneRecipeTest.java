package io.densepure.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.certify.BatchClassifier;
import io.densepure.certify.Guarantee;
import io.densepure.certify.SamplingPlan;
import io.densepure.compute.DType;
import io.densepure.config.ClassifierConfig;
import io.densepure.config.SetupConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run's lanes on another machine: here, after a way through bytes. */
class LaneRecipeTest {
  private static final SamplingPlan PLAN = new SamplingPlan(3, 17, 1);

  @TempDir private Path folder;
  private Path checkpoint;
  private Setup setup;
  private CertifyRequest request;

  @BeforeEach
  void makeARun() throws IOException {
    checkpoint = Files.copy(Path.of("src/main/models/fashion_wrn.pt"), folder.resolve("wrn.pt"));
    SetupConfig c = SetupConfig.load("fashion-mnist", null);
    ClassifierConfig wrn = c.classifier(null).withCheckpoint(checkpoint.toString());
    setup =
        new Setup(
            new SetupConfig(
                c.source(), c.directory(), c.dataset(), c.diffusion(), Map.of("wrn", wrn)));
    request =
        new CertifyRequest(
            null,
            null,
            List.of(4, 7),
            new SmoothingNoise(0.5, 11, List.of(0L)),
            new CertifyRequest.Sampling(PLAN, Guarantee.FIXED, 0.001, false),
            new Execution(8, DType.F32),
            CertifyRequest.Output.table(folder.resolve("run")));
  }

  private LaneRecipe recipe() throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(LaneRecipe.of(setup, setup.dataset(), request));
    }
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (LaneRecipe) in.readObject();
    }
  }

  private static int[] labels(BatchClassifier classifier) {
    int batch = classifier.batchSize();
    return IntStream.iterate(6, i -> i < 14, i -> i + batch)
        .mapToObj(
            first ->
                IntStream.range(first, Math.min(14, first + batch))
                    .mapToObj(i -> PLAN.lane(7, i))
                    .toList())
        .flatMapToInt(lanes -> IntStream.of(classifier.classify(lanes)))
        .toArray();
  }

  private int[] labelsHere() {
    try (Devices devices = Backends.openAll("cpu", null, 1);
        LaneWorkers workers = devices.workers(setup, setup.dataset(), request)) {
      return labels((BatchClassifier) workers.all().get(0));
    }
  }

  @Test
  void remoteLanesHaveTheLabelsOfLocalOnes() throws Exception {
    int[] expected = labelsHere();
    try (BatchClassifier there = RemoteLanes.load(recipe(), folder).open("cpu")) {
      assertArrayEquals(expected, labels(there));
    }
  }

  @Test
  void aFileThatIsNotInItsPlaceIsTakenFromWhatWasShipped() throws Exception {
    LaneRecipe recipe = recipe();
    Path shipped = Files.createDirectory(folder.resolve("shipped"));
    Files.move(checkpoint, shipped.resolve("wrn.pt"));
    RemoteLanes.load(recipe, shipped);
    InputException e =
        assertThrows(InputException.class, () -> RemoteLanes.load(recipe, folder.resolve("none")));
    assertTrue(e.getMessage().contains(checkpoint + "' not found"), e.getMessage());
  }

  @Test
  void otherWeightsAndOtherImagesAreRefused() throws Exception {
    LaneRecipe r = recipe();
    String other = "0011223344556677";
    refused(with(r, r.imageDigest(), other), checkpoint + " holds other weights (");
    refused(with(r, "00112233", r.classifierDigest()), "image 4 of fashion-mnist is another one");
  }

  private static LaneRecipe with(LaneRecipe r, String imageDigest, String classifierDigest) {
    return new LaneRecipe(
        r.source(),
        r.dataset(),
        r.diffusion(),
        r.classifier(),
        r.denoising(),
        r.sound(),
        r.noise(),
        r.execution(),
        r.lanes(),
        r.image(),
        imageDigest,
        classifierDigest,
        r.diffusionDigest());
  }

  private void refused(LaneRecipe recipe, String message) {
    InputException e = assertThrows(InputException.class, () -> RemoteLanes.load(recipe, folder));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }
}
