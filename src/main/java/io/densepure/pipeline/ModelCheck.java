package io.densepure.pipeline;

import io.densepure.certify.Lane;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.config.ClassifierConfig;
import io.densepure.data.Dataset;
import io.densepure.diffusion.ReverseMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.BinomialDistribution;

/**
 * Whether the networks of a configuration do what they are for, on some of its images: checkpoints
 * of zeros, or with tensors of one shape in another order, load as well as the right ones.
 *
 * @param images how many were looked at
 * @param findings what was looked at, in order
 */
public record ModelCheck(
    String diffusion, String classifier, String data, int images, List<Finding> findings) {
  /** The noise of most published results, on images in [0, 1]. */
  public static final double SIGMA = 0.25;

  /**
   * Of the error that is left when noisy images are only cut off at 0 and 1, as any output is.
   * Trained models leave far less than half of it at this noise.
   */
  private static final double MAX_ERROR_LEFT = 0.5;

  /** Between the noise and what is taken out; a trained model is above 0.9. */
  private static final double MIN_CORRELATION = 0.8;

  /** Guessing is as good as that once in so many checks. */
  private static final double CHANCE = 1e-4;

  private static final int MANY_IMAGES = 100;
  private static final int FEW_IMAGES = 16;
  private static final int SMALL_SIDE = 64;

  /**
   * One thing that was looked at.
   *
   * @param name for programs
   * @param ok false: the network is most likely not the trained one
   * @param value what was measured
   * @param expected the bound on it
   * @param text for people
   */
  public record Finding(String name, boolean ok, double value, double expected, String text) {}

  /** What the lanes of a pipeline gave. */
  private record Outcome(int right, int kinds, int notFinite) {}

  /** Whether nothing is wrong, as far as one can see. */
  public boolean ok() {
    return findings.stream().allMatch(Finding::ok);
  }

  /**
   * Denoises and classifies some images.
   *
   * @param name the classifier's name in the configuration, or null for the first
   * @param said told in a line if there is too little memory and smaller batches are tried
   * @throws io.densepure.InputException if checkpoints, configuration and images do not fit
   */
  public static ModelCheck of(
      Device device, Setup setup, String name, DType dtype, Consumer<String> said) {
    Dataset data = setup.dataset();
    List<Lane> lanes = lanes(data);
    Findings found = new Findings(data, lanes.size());
    SmoothingNoise clean = new SmoothingNoise(SIGMA, 0, List.of(0L), false);
    LaneWork classify = LaneWork.load(setup, data, clean, null, name, null, dtype);
    try (LanePipeline pipeline = open(device, classify, said)) {
      found.addClasses("clean images", run(pipeline, data, lanes, null));
    }
    SmoothingNoise noise = new SmoothingNoise(SIGMA, 0, List.of(0L));
    ReverseMode oneShot = new ReverseMode.OneShot(0);
    LaneWork denoise = LaneWork.load(setup, data, noise, null, name, oneShot, dtype);
    try (LanePipeline pipeline = open(device, denoise, said)) {
      NoiseComparison comparison = new NoiseComparison();
      Outcome outcome = run(pipeline, data, lanes, comparison);
      found.addDenoising(comparison);
      found.addClasses("denoised images", outcome);
    }
    ClassifierConfig classifier = setup.config().classifier(name);
    return new ModelCheck(
        setup.config().diffusion().checkpoint(),
        classifier.checkpoint(),
        data.name(),
        lanes.size(),
        List.copyOf(found.list));
  }

  /** One lane of each image; these are spread over the data set. */
  private static List<Lane> lanes(Dataset data) {
    boolean small = Math.max(data.height(), data.width()) <= SMALL_SIDE;
    int count = Math.min(small ? MANY_IMAGES : FEW_IMAGES, data.size());
    return IntStream.range(0, count)
        .map(i -> (int) ((long) i * data.size() / count))
        .mapToObj(image -> new Lane(image, Lane.Phase.ESTIMATION, 0, 0))
        .toList();
  }

  private static LanePipeline open(Device device, LaneWork work, Consumer<String> said) {
    int batch = work.image().dim(0) <= SMALL_SIDE ? 32 : 4;
    return LargestBatch.open(device, batch, (d, size) -> new LanePipeline(d, work, size), said);
  }

  /**
   * @param comparison takes the pictures, too; null for none
   */
  private static Outcome run(
      LanePipeline pipeline, Dataset data, List<Lane> lanes, NoiseComparison comparison) {
    List<Integer> labels = new ArrayList<>();
    for (int from = 0; from < lanes.size(); from += pipeline.batchSize()) {
      List<Lane> batch = lanes.subList(from, Math.min(lanes.size(), from + pipeline.batchSize()));
      for (int label : pipeline.classify(batch)) {
        labels.add(label);
      }
      for (int slot = 0; comparison != null && slot < batch.size(); slot++) {
        float[] image = data.image(batch.get(slot).image()).ravel().toFloatVector();
        comparison.add(image, pipeline.noisyImage(slot), pipeline.denoisedImage(slot));
      }
    }
    return new Outcome(
        (int)
            IntStream.range(0, labels.size())
                .filter(i -> labels.get(i) == data.label(lanes.get(i).image()))
                .count(),
        (int) labels.stream().distinct().count(),
        (int) labels.stream().filter(label -> label < 0).count());
  }

  /** Collects what was found, and judges it. */
  private static final class Findings {
    private final List<Finding> list = new ArrayList<>();
    private final Dataset data;
    private final int images;

    Findings(Dataset data, int images) {
      this.data = data;
      this.images = images;
    }

    void addClasses(String what, Outcome outcome) {
      String name = what.replace(' ', '_');
      if (outcome.notFinite > 0) {
        String text = "classifying %s: %d of %d give NaN or infinity";
        add(name + "_finite", false, outcome.notFinite, 0, text, what, outcome.notFinite, images);
      }
      int guessed =
          BinomialDistribution.of(images, 1.0 / data.classNames().size())
              .inverseSurvivalProbability(CHANCE);
      add(
          name,
          outcome.right > guessed,
          outcome.right,
          guessed + 1,
          "classifying %s: %d of %d right, in %d classes (guessing gives up to %d)",
          what,
          outcome.right,
          images,
          outcome.kinds,
          guessed);
    }

    void addDenoising(NoiseComparison c) {
      add(
          "error_left",
          c.errorLeft() <= MAX_ERROR_LEFT,
          c.errorLeft(),
          MAX_ERROR_LEFT,
          "denoising noise of %s: mean squared error %.4f, that is %.2f of the noisy images' (at"
              + " most %s)",
          SIGMA,
          c.error(),
          c.errorLeft(),
          MAX_ERROR_LEFT);
      add(
          "noise_correlation",
          c.correlation() >= MIN_CORRELATION,
          c.correlation(),
          MIN_CORRELATION,
          "what denoising takes out: correlation %.3f with the noise (at least %s)",
          c.correlation(),
          MIN_CORRELATION);
    }

    private void add(
        String name, boolean ok, double value, double expected, String text, Object... values) {
      list.add(new Finding(name, ok, value, expected, String.format(Locale.ROOT, text, values)));
    }
  }
}
