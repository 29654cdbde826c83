package io.densepure.pipeline;

import io.densepure.certify.Lane;
import io.densepure.data.Dataset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Lays the images of a batch of lanes out for the device, {@code [N, H, W, C]}; keeps recent ones.
 */
final class ImageLoader implements LaneImages {
  private static final int KEPT = 64;

  private final IntFunction<float[]> images;
  private final int channels;
  private final Map<Integer, float[]> channelsLast = new HashMap<>();

  /**
   * @param images gives the image of an index, {@code [C, H, W]} in [0, 1]
   */
  ImageLoader(IntFunction<float[]> images, int channels) {
    this.images = images;
    this.channels = channels;
  }

  /** The images of a data set; one device's thread at a time, as it need not serve several. */
  static ImageLoader of(Dataset data) {
    return new ImageLoader(
        index -> {
          synchronized (data) {
            return data.image(index).ravel().toFloatVector();
          }
        },
        data.channels());
  }

  /** {@code [batch, H, W, C]} in [0, 1]; slots without a lane repeat the last one. */
  @Override
  public float[] batch(List<Lane> lanes, int batch) {
    float[] out = new float[0];
    for (int slot = 0; slot < batch; slot++) {
      float[] pixels = pixels(lanes.get(Math.min(slot, lanes.size() - 1)).image());
      if (slot == 0) {
        out = new float[batch * pixels.length];
      }
      System.arraycopy(pixels, 0, out, slot * pixels.length, pixels.length);
    }
    return out;
  }

  private float[] pixels(int image) {
    if (channelsLast.size() > KEPT) {
      channelsLast.clear();
    }
    return channelsLast.computeIfAbsent(
        image, index -> channelsLast(images.apply(index), channels));
  }

  /** {@code [C, H, W]} to {@code [H, W, C]}. */
  static float[] channelsLast(float[] chw, int channels) {
    int plane = chw.length / channels;
    float[] out = new float[chw.length];
    for (int c = 0; c < channels; c++) {
      for (int i = 0; i < plane; i++) {
        out[i * channels + c] = chw[c * plane + i];
      }
    }
    return out;
  }

  /** {@code [H, W, C]} to {@code [C, H, W]}, from {@code offset} on. */
  static float[] channelsFirst(float[] hwc, int offset, int channels, int plane) {
    float[] out = new float[channels * plane];
    for (int c = 0; c < channels; c++) {
      for (int i = 0; i < plane; i++) {
        out[c * plane + i] = hwc[offset + i * channels + c];
      }
    }
    return out;
  }
}
