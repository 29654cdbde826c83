package io.densepure.pipeline;

import io.densepure.certify.Lane;
import io.densepure.compute.Shape;
import io.densepure.data.Dataset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Lays the images of a batch of lanes out for the device, {@code [N, H, W, C]}; keeps recent ones.
 */
final class ImageLoader implements LaneImages {
  private static final int KEPT = 64;

  private final Dataset data;
  private final Map<Integer, float[]> channelsLast = new HashMap<>();

  ImageLoader(Dataset data) {
    this.data = data;
  }

  /** {@code [batch, H, W, C]}. */
  static Shape shape(Dataset data, int batch) {
    return Shape.of(batch, data.height(), data.width(), data.channels());
  }

  /** {@code [batch, H, W, C]} in [0, 1]; slots without a lane repeat the last one. */
  @Override
  public float[] batch(List<Lane> lanes, int batch) {
    int elements = data.channels() * data.height() * data.width();
    float[] out = new float[batch * elements];
    for (int slot = 0; slot < batch; slot++) {
      int image = lanes.get(Math.min(slot, lanes.size() - 1)).image();
      System.arraycopy(pixels(image), 0, out, slot * elements, elements);
    }
    return out;
  }

  private float[] pixels(int image) {
    if (channelsLast.size() > KEPT) {
      channelsLast.clear();
    }
    return channelsLast.computeIfAbsent(image, this::read);
  }

  /** One device's thread at a time: a data set need not serve several. */
  private float[] read(int image) {
    synchronized (data) {
      return channelsLast(data.image(image).ravel().toFloatVector(), data.channels());
    }
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
