package io.densepure.model;

import io.densepure.compute.Ops;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.util.List;

/**
 * What happens to images on their way into a classifier ({@code eval_certified_densepure.py}, the
 * forward methods of {@code DensePure_Certify} and {@code Certify_Model}): resizing, then
 * normalisation. All of it on the device.
 */
public final class Preprocessing {
  /** How images become as large as the classifier wants them. */
  public enum Resampling {
    /** They are as large. */
    NONE,
    /** PyTorch's bicubic interpolation, of values in whichever range they are. */
    BICUBIC,
    /**
     * Hugging Face's {@code ViTFeatureExtractor}: pixels in [0, 1] become bytes, which are resized
     * as Pillow does it, also if they have the right size already.
     */
    BYTES
  }

  private static final float BYTE = 1 / 255f;
  private static final double HALF = 0.5;

  private final Resampling resampling;
  private final int size;
  private final InputNormalization normalization; // null for none
  private final boolean signed;

  /**
   * @param size height and width after resampling; unused for {@link Resampling#NONE}
   * @param mean subtracted from pixels in [0, 1], one value per channel; empty for no
   *     normalisation. One half, with {@code std} of one half, makes them [-1, 1]
   * @param std divided by after that; as long as {@code mean}
   */
  public Preprocessing(Resampling resampling, int size, List<Double> mean, List<Double> std) {
    this.resampling = resampling;
    this.size = size;
    normalization = mean.isEmpty() ? null : new InputNormalization(mean, std);
    signed = normalization != null && isHalf(mean) && isHalf(std);
  }

  private static boolean isHalf(List<Double> values) {
    return values.stream().allMatch(v -> v == HALF);
  }

  /**
   * Pixels in [0, 1], with or without noise: {@code Certify_Model}.
   *
   * @param x {@code [N, H, W, C]} {@code F32}
   * @return {@code [N, size, size, C]}
   */
  public Tensor ofPixels(Ops ops, Tensor x) {
    return normalized(ops, resampling == Resampling.BYTES ? bytes(ops, x) : bicubic(ops, x));
  }

  /**
   * Purified images in [-1, 1]: {@code DensePure_Certify}. Bicubic interpolation sees them as they
   * are.
   *
   * @param x {@code [N, H, W, C]} {@code F32}
   * @return {@code [N, size, size, C]}
   */
  public Tensor ofPurified(Ops ops, Tensor x) {
    if (resampling == Resampling.BYTES) {
      return ofPixels(ops, toPixels(ops, x));
    }
    Tensor resized = bicubic(ops, x);
    return signed ? resized : normalized(ops, toPixels(ops, resized));
  }

  /** From [-1, 1] to [0, 1]. */
  public static Tensor toPixels(Ops ops, Tensor x) {
    return ops.combine(0.5f, x, 0, null, 0.5f);
  }

  private Tensor normalized(Ops ops, Tensor x) {
    return normalization == null ? x : normalization.apply(ops, x);
  }

  private Tensor bicubic(Ops ops, Tensor x) {
    Shape s = x.shape();
    boolean fits = resampling == Resampling.NONE || s.dim(1) == size && s.dim(2) == size;
    return fits ? x : ops.resizeBicubic(x, size, size);
  }

  private Tensor bytes(Ops ops, Tensor x) {
    Tensor bytes = ops.toBytes(x);
    ops.probe("preprocessing.bytes", () -> bytes);
    Tensor resized = ops.resizeBytes(bytes, size, size);
    ops.probe("preprocessing.resized", () -> resized);
    return ops.combine(BYTE, resized, 0, null, 0);
  }
}
