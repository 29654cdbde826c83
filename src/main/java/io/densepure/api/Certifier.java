package io.densepure.api;

import io.densepure.InputException;
import io.densepure.certify.Certificate;
import io.densepure.certify.CertifiedImage;
import io.densepure.certify.Guarantee;
import io.densepure.certify.SamplingPlan;
import io.densepure.data.Dataset;
import io.densepure.pipeline.CertifyRequest;
import io.densepure.pipeline.InMemoryRun;
import io.densepure.pipeline.PredictRun;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Certifies what a {@link Classifier} says about images that a {@link Denoiser} has taken Gaussian
 * noise out of: CERTIFY and PREDICT of Cohen et al. 2019. A result is a function of the image, its
 * index, the seeds and the two networks: batch size, order and other images change nothing. With
 * the same settings and the same classifier it is that of the commands {@code certify} and {@code
 * predict}. For one thread. The bounds themselves are {@link io.densepure.certify.VoteCertifier}'s.
 */
public final class Certifier implements AutoCloseable {
  private final Denoiser denoiser;
  private final InMemoryRun run;

  private Certifier(Builder b) {
    denoiser = b.denoiser;
    run =
        new InMemoryRun(
            denoiser.devices(),
            denoiser.method(),
            denoiser.shape(),
            denoiser.noise(
                b.seed, LongStream.range(0, b.votes).mapToObj(k -> b.reverseSeed + k).toList()),
            new CertifyRequest.Sampling(
                new SamplingPlan(b.n0, b.n, b.votes), b.guarantee, b.alpha, b.exhaustive),
            denoiser.execution(),
            (pixels, s) ->
                b.classifier.logits(new Images(pixels, s.dim(0), s.dim(1), s.dim(2), s.dim(3))),
            b.warning);
  }

  /** Begins a certifier; {@link Builder#open} makes it. */
  public static Builder of(Denoiser denoiser, Classifier classifier) {
    return new Builder(denoiser, classifier);
  }

  /** How a certifier samples; the defaults are those of {@code certify}. */
  public static final class Builder {
    private final Denoiser denoiser;
    private final Classifier classifier;
    private int n0 = 100;
    private int n = 5000;
    private int votes = 1;
    private double alpha = 0.001;
    private long seed = Denoiser.USUAL_SEED;
    private long reverseSeed;
    private boolean exhaustive;
    private Guarantee guarantee = Guarantee.FIXED;
    private Consumer<String> warning = System.err::println;

    private Builder(Denoiser denoiser, Classifier classifier) {
      this.denoiser = denoiser;
      this.classifier = classifier;
    }

    /** Noisy copies that pick the class (N0). Default: 100. */
    public Builder n0(int copies) {
      n0 = copies;
      return this;
    }

    /** Noisy copies that bound its probability (N). Default: 5000. */
    public Builder n(int copies) {
      n = copies;
      return this;
    }

    /** Denoisings of each copy, of which the majority counts (K). Default: 1. */
    public Builder votes(int k) {
      votes = k;
      return this;
    }

    /** Probability that a certificate may be wrong, in (0, 1). Default: 0.001. */
    public Builder alpha(double probability) {
      alpha = probability;
      return this;
    }

    /** Seed of the smoothing noise. Default: 1234. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** Seed of the reverse process, of the first vote. Default: 0. */
    public Builder reverseSeed(long value) {
      reverseSeed = value;
      return this;
    }

    /** Casts every vote, also those that cannot change a prediction or radius. */
    public Builder exhaustive() {
      exhaustive = true;
      return this;
    }

    /**
     * Asks only whether these radii can be certified, and takes copies of an image until that is
     * known of all: {@code docs/sampling.md}.
     */
    public Builder targetRadii(double... radii) {
      guarantee = new Guarantee(Arrays.stream(radii).boxed().toList(), false);
      return this;
    }

    /** Told in a line when a device fails and others go on. Default: stderr. */
    public Builder warning(Consumer<String> listener) {
      warning = listener;
      return this;
    }

    /**
     * Makes everything ready on the devices, and asks the classifier about a black batch to learn
     * how many classes there are.
     *
     * @throws InputException if the settings or the classifier's answer are wrong
     */
    public Certifier open() {
      if (votes > 1 && denoiser.alwaysAgrees()) {
        throw new InputException(
            "several votes need a denoiser that uses randomness: one-shot denoising, or none, gives"
                + " the same image every time");
      }
      return new Certifier(this);
    }
  }

  /** How many classes the classifier tells apart. */
  public int classes() {
    return run.classes();
  }

  /**
   * Certifies one image.
   *
   * @param image {@code [C, H, W]} in [0, 1]
   * @return its class and radius, or that it abstains
   */
  public Certificate certify(float[] image) {
    return certify(List.of(image)).get(0);
  }

  /**
   * Certifies several images, whose copies fill batches together.
   *
   * @param images {@code [C, H, W]} in [0, 1]; each one's noise depends on its position
   * @return one certificate for each image
   */
  public List<Certificate> certify(List<float[]> images) {
    images.forEach(denoiser::requireShape);
    List<Certificate> certificates = new ArrayList<>();
    run.certify(
        positions(images), images::get, i -> 0, image -> certificates.add(image.certificate()));
    return certificates;
  }

  /**
   * Certifies images of a data set, as the command does.
   *
   * @param indices which, in the order of the results; repeats are left out
   * @param finished called with each image when it is done
   */
  public List<CertifiedImage> certify(
      Dataset data, List<Integer> indices, Consumer<CertifiedImage> finished) {
    List<CertifiedImage> results = new ArrayList<>();
    run.certify(
        indices,
        index -> pixels(data, index),
        data::label,
        image -> {
          results.add(image);
          finished.accept(image);
        });
    return results;
  }

  /**
   * The smoothed classifier's answer about an image, without a radius.
   *
   * @param image {@code [C, H, W]} in [0, 1]
   * @param copies noisy copies to take
   * @return the class, which is another than the smoothed classifier's with probability alpha at
   *     most; {@link Certificate#ABSTAIN} if the copies do not decide
   */
  public int predict(float[] image, int copies) {
    return predict(List.of(image), copies).get(0);
  }

  /** As {@link #predict(float[], int)}, for several images, whose copies fill batches together. */
  public List<Integer> predict(List<float[]> images, int copies) {
    if (copies < 1) {
      throw InputException.of("an image takes at least 1 copy, not %d", copies);
    }
    images.forEach(denoiser::requireShape);
    return run.predict(positions(images), images::get, copies).stream()
        .map(PredictRun.Prediction::prediction)
        .toList();
  }

  private static List<Integer> positions(List<float[]> images) {
    return IntStream.range(0, images.size()).boxed().toList();
  }

  private float[] pixels(Dataset data, int index) {
    if (index < 0 || index >= data.size()) {
      throw InputException.of("%s has no image %d", data.name(), index);
    }
    float[] image = data.image(index).ravel().toFloatVector();
    denoiser.requireShape(image);
    return image;
  }

  /** Frees what is on the devices; the denoiser stays open. */
  @Override
  public void close() {
    run.close();
  }
}
