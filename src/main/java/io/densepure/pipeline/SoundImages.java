package io.densepure.pipeline;

import io.densepure.InputException;
import io.densepure.certify.DiscreteGaussian;
import io.densepure.certify.Lane;
import io.densepure.data.Dataset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Images with discrete noise in them. Image and noise are whole 255ths, their sum is exact, and
 * dividing it by 255 rounds each whole number to a float of its own: what the network sees is a
 * function of the sum alone, and not of how it came about.
 */
final class SoundImages implements LaneImages {
  static final float LEVELS = 255f;
  private static final int KEPT = 64;

  private final Dataset data;
  private final DiscreteGaussian noise;
  private final long seed;
  private final Map<Integer, int[]> kept = new HashMap<>(); // image to [C, H, W] in 255ths

  /**
   * @param seed of the noise
   */
  SoundImages(Dataset data, DiscreteGaussian noise, long seed) {
    this.data = data;
    this.noise = noise;
    this.seed = seed;
  }

  @Override
  public float[] batch(List<Lane> lanes, int batch) {
    int elements = data.channels() * data.height() * data.width();
    float[] out = new float[batch * elements];
    List<int[]> images = lanes.stream().map(lane -> levels(lane.image())).toList();
    IntStream.range(0, lanes.size())
        .parallel()
        .forEach(slot -> addNoise(images.get(slot), lanes.get(slot), out, slot * elements));
    for (int slot = lanes.size(); slot < batch; slot++) {
      System.arraycopy(out, (lanes.size() - 1) * elements, out, slot * elements, elements);
    }
    return out;
  }

  private void addNoise(int[] levels, Lane lane, float[] out, int offset) {
    int[] z = new int[levels.length];
    noise.sample(seed, lane.image(), lane.sampleWord(), z);
    int channels = data.channels();
    int plane = levels.length / channels;
    for (int c = 0; c < channels; c++) {
      for (int i = 0; i < plane; i++) {
        int at = c * plane + i;
        out[offset + i * channels + c] = (levels[at] + z[at]) / LEVELS;
      }
    }
  }

  private int[] levels(int image) {
    if (kept.size() > KEPT) {
      kept.clear();
    }
    return kept.computeIfAbsent(image, this::read);
  }

  /** One device's thread at a time: a data set need not serve several. */
  private int[] read(int image) {
    synchronized (data) {
      return levels(data, image);
    }
  }

  /**
   * The image in whole 255ths, {@code [C, H, W]}.
   *
   * @throws InputException if it is not made of such
   */
  static int[] levels(Dataset data, int image) {
    float[] pixels = data.image(image).ravel().toFloatVector();
    if (pixels.length > DiscreteGaussian.MAX_PIXELS) {
      throw InputException.of(
          "--sound takes images of at most %d values, but those of %s have %d",
          DiscreteGaussian.MAX_PIXELS, data.name(), pixels.length);
    }
    int[] levels = new int[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      levels[i] = Math.round(pixels[i] * LEVELS);
      if (levels[i] / LEVELS != pixels[i]) {
        throw InputException.of(
            "--sound certifies 8-bit images, but image %d of %s has a pixel of %s, which is no"
                + " multiple of 1/255",
            image, data.name(), pixels[i]);
      }
    }
    return levels;
  }
}
