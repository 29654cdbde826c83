package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.InputException;
import io.densepure.certify.Certificate;
import io.densepure.certify.PythonFormat;
import io.densepure.certify.VoteCertifier;
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
  public void run(Trial trial) {
    JsonNode config = trial.golden().config();
    int n0 = GoldenJson.small(config, "n0");
    int n = GoldenJson.small(config, "n");
    CaseClassifier classifier = CaseClassifier.ofEndToEnd(trial.golden());
    int classes = classifier.classes();
    float[] logits = new Smoothing(trial, classifier).logits(n0, n);
    long[] labels = LogitsCheck.compare(trial, Shape.of(n0 + n, classes), logits);
    long[] selection = Arrays.copyOf(labels, n0);
    long[] estimation = Arrays.copyOfRange(labels, n0, n0 + n);
    long[] n0Predictions = trial.arrays().get("n0_predictions").toLongs();
    long[] nPredictions = trial.arrays().get("n_predictions").toLongs();
    trial.comparison().exact("n0_predictions", n0Predictions, selection);
    trial.comparison().exact("n_predictions", nPredictions, estimation);
    certificate(
        config, counts(selection, classes), counts(estimation, classes), trial.comparison());
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
    double sigma = GoldenJson.number(GoldenJson.need(config, "args"), "sigma");
    Certificate certificate =
        new VoteCertifier(sigma, GoldenJson.number(config, "alpha")).certify(selection, estimation);
    int prediction = GoldenJson.small(config, "prediction");
    double radius = GoldenJson.number(config, "radius");
    String printed = GoldenJson.need(config, "printed").asText();
    comparison.exact("prediction", prediction, certificate.prediction());
    comparison.close("radius", radius, certificate.radius(), StatsRunner.TOLERANCE);
    comparison.exact("printed", printed, PythonFormat.radius3(certificate.radius()));
  }

  /** The noisy copies of the image, batch by batch, with the draws in the original's order. */
  private static final class Smoothing {
    private final Trial trial;
    private final CaseClassifier classifier;
    private final Purifier purifier;
    private final float sigma;
    private final float[] image; // [C, H, W]
    private final Shape imageShape;
    private int draws;

    Smoothing(Trial trial, CaseClassifier classifier) {
      this.trial = trial;
      this.classifier = classifier;
      purifier = Purifier.ofEndToEnd(trial);
      JsonNode args = GoldenJson.need(trial.golden().config(), "args");
      sigma = (float) GoldenJson.number(args, "sigma");
      image = trial.arrays().floats("x");
      imageShape = trial.arrays().get("x").shape();
    }

    /** Scores of n0, then of n copies; no batch holds copies of both. */
    float[] logits(int n0, int n) {
      int batch = GoldenJson.small(trial.golden().config(), "batch");
      if (batch < 1) {
        throw InputException.of("the case's batch is %d", batch);
      }
      int classes = classifier.classes();
      float[] logits = new float[(n0 + n) * classes];
      int from = 0;
      while (from < n0 + n) {
        int size = Math.min(batch, (from < n0 ? n0 : n0 + n) - from);
        System.arraycopy(next(size), 0, logits, from * classes, size * classes);
        from += size;
      }
      return logits;
    }

    private float[] next(int size) {
      Shape shape = Shape.of(size, imageShape.dim(0), imageShape.dim(1), imageShape.dim(2));
      float[] noisy = draw();
      for (int i = 0; i < noisy.length; i++) {
        noisy[i] = image[i % image.length] + noisy[i] * sigma;
      }
      float[] purified = purifier.purify(noisy, shape, step -> draw(), (step, values) -> {});
      return classifier.run(trial, classifier::ofPurified, purified, shape);
    }

    private float[] draw() {
      return trial.arrays().floats(String.format(Locale.ROOT, "noise_%03d", draws++));
    }
  }
}
