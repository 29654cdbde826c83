package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.InputException;
import io.densepure.certify.Certificate;
import io.densepure.certify.Certifier;
import io.densepure.certify.PythonFormat;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import java.util.Arrays;
import java.util.Locale;

/**
 * One image through the original's {@code Smooth.certify} over {@code DensePure_Certify}, with
 * every draw of noise recorded: the scores of all noisy copies, their classes, and the certificate.
 */
final class CertifyRunner implements CaseRunner {
  @Override
  public boolean handles(GoldenCase c) {
    return c.source().contains("Smooth.certify") && c.config().has("diffusion_model");
  }

  @Override
  public void run(
      GoldenCase c, GoldenArrays arrays, Device device, DType dtype, Comparison comparison) {
    JsonNode config = c.config();
    CaseClassifier classifier =
        CaseClassifier.of(
            c, GoldenJson.need(config, "classifier"), CaseWeights.of(c, "classifier"));
    Purifier purifier = EndToEndRunner.purifier(c, device, dtype);
    int n0 = GoldenJson.small(config, "n0");
    int n = GoldenJson.small(config, "n");
    int classes = classifier.classes();
    float[] logits = new float[(n0 + n) * classes];
    Draws draws = new Draws(arrays);
    int batchSize = GoldenJson.small(config, "batch");
    if (batchSize < 1) {
      throw InputException.of("the case's batch is %d", batchSize);
    }
    for (int from = 0; from < n0 + n; ) {
      int phaseEnd = from < n0 ? n0 : n0 + n;
      int size = Math.min(batchSize, phaseEnd - from);
      float[] batch = batch(c, arrays, purifier, classifier, draws, size, device, dtype);
      System.arraycopy(batch, 0, logits, from * classes, batch.length);
      from += size;
    }
    HostTensor golden = arrays.get("logits");
    Shape shape = Shape.of(n0 + n, classes);
    long[] labels =
        LogitsCheck.compare(golden, shape, logits, new Precision(dtype, c.tolerance()), comparison);
    long[] selection = Arrays.copyOf(labels, n0);
    long[] estimation = Arrays.copyOfRange(labels, n0, n0 + n);
    comparison.exact("n0_predictions", arrays.get("n0_predictions").toLongs(), selection);
    comparison.exact("n_predictions", arrays.get("n_predictions").toLongs(), estimation);
    certificate(config, counts(selection, classes), counts(estimation, classes), comparison);
  }

  /** Scores of the next {@code size} noisy copies. */
  private static float[] batch(
      GoldenCase c,
      GoldenArrays arrays,
      Purifier purifier,
      CaseClassifier classifier,
      Draws draws,
      int size,
      Device device,
      DType dtype) {
    float sigma = (float) c.config().path("args").path("sigma").asDouble();
    float[] image = arrays.floats("x"); // [C, H, W]
    Shape one = arrays.get("x").shape();
    Shape shape = Shape.of(size, one.dim(0), one.dim(1), one.dim(2));
    float[] noisy = draws.next();
    for (int i = 0; i < noisy.length; i++) {
      noisy[i] = image[i % image.length] + noisy[i] * sigma;
    }
    float[] purified = purifier.purify(noisy, shape, step -> draws.next(), (step, values) -> {});
    return classifier.run(device, dtype, classifier::ofPurified, purified, shape);
  }

  private static long[] counts(long[] labels, int classes) {
    long[] counts = new long[classes];
    for (long label : labels) {
      counts[(int) label]++;
    }
    return counts;
  }

  private static void certificate(
      JsonNode config, long[] selection, long[] estimation, Comparison comparison) {
    double sigma = config.path("args").path("sigma").asDouble();
    Certificate certificate =
        new Certifier(sigma, GoldenJson.number(config, "alpha")).certify(selection, estimation);
    comparison.exact(
        "prediction", GoldenJson.small(config, "prediction"), certificate.prediction());
    double radius = GoldenJson.number(config, "radius");
    comparison.close("radius", radius, certificate.radius(), StatsRunner.TOLERANCE);
    comparison.exact(
        "printed",
        GoldenJson.need(config, "printed").asText(),
        PythonFormat.radius3(certificate.radius()));
  }

  /** The recorded draws, in the order in which the original made them. */
  private static final class Draws {
    private final GoldenArrays arrays;
    private int next;

    Draws(GoldenArrays arrays) {
      this.arrays = arrays;
    }

    float[] next() {
      return arrays.floats(String.format(Locale.ROOT, "noise_%03d", next++));
    }
  }
}
