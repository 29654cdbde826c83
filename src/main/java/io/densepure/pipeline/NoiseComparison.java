package io.densepure.pipeline;

/**
 * Compares the noise in images with what a denoiser takes out of them. Everything is NaN if any
 * pixel is not finite.
 */
final class NoiseComparison {
  private long pixels;
  private double squaredError; // of the denoised image
  private double clippedError; // of the noisy one cut off at 0 and 1
  private double sumNoise;
  private double sumTaken;
  private double squaredNoise;
  private double squaredTaken;
  private double product;

  /** Adds an image, {@code [C, H, W]} in [0, 1], the same with noise, and that denoised. */
  void add(float[] clean, float[] noisy, float[] denoised) {
    for (int i = 0; i < clean.length; i++) {
      double noise = noisy[i] - clean[i];
      double taken = noisy[i] - denoised[i];
      double cut = Math.max(0, Math.min(1, noisy[i])) - clean[i];
      squaredError += (noise - taken) * (noise - taken);
      clippedError += cut * cut;
      sumNoise += noise;
      sumTaken += taken;
      squaredNoise += noise * noise;
      squaredTaken += taken * taken;
      product += noise * taken;
    }
    pixels += clean.length;
  }

  /** Mean squared error of the denoised images. */
  double error() {
    return squaredError / pixels;
  }

  /** The same, divided by that of the noisy images cut off at 0 and 1. */
  double errorLeft() {
    return squaredError / clippedError;
  }

  /** Pearson's, between the noise and what was taken out; 0 if nothing was. */
  double correlation() {
    double covariance = product - sumNoise * sumTaken / pixels;
    double noise = squaredNoise - sumNoise * sumNoise / pixels;
    double taken = squaredTaken - sumTaken * sumTaken / pixels;
    return taken == 0 ? 0 : covariance / Math.sqrt(noise * taken);
  }
}
