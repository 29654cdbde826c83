package io.densepure.compute;

import java.util.function.Supplier;

/**
 * The waist of the house: everything a network or the sampler can ask of a device, at the fused
 * level. Each call records one operation in the {@link Program} being made and returns its (not yet
 * computed) result. Calls check shapes and dtypes at once and throw {@link
 * IllegalArgumentException} naming the operation.
 *
 * <p>Conventions. Images are {@code [N, H, W, C]}, sequences {@code [N, T, C]}, vectors {@code [N,
 * C]}, dense. Weights come in PyTorch's layout. Activations are {@code F32}, {@code F16} or {@code
 * BF16}; the result has the dtype of {@code x} unless stated. The weights of {@link #linear} are
 * rounded to the dtype of {@code x}, and those of {@link #conv2d} by {@link KernelRounding}; biases
 * and per-channel weights stay float32, but where {@code x} has 16 bits, the sum of products or the
 * bias may be rounded to them before the two are added. Sums, means and variances accumulate in
 * float32 whatever the storage. NaN propagates through every operation, clamps and ReLU included;
 * what an activation makes of an infinity is not defined.
 */
public interface Ops {
  /** Number of 32-bit words per lane in the key tensor of {@link #gaussianNoise}. */
  int NOISE_KEY_WORDS = 5;

  /** What {@link #argmax} gives for a row that has a NaN or an infinity. */
  int NOT_FINITE = -1;

  /**
   * 2-D cross-correlation with zero padding, then the epilogue.
   *
   * @param x {@code [N, H, W, I]}
   * @param weight {@code [O, I, kh, kw]}
   * @param bias {@code [O]} or null
   * @param stride the same in both directions
   * @param padding zeros on each of the four sides
   * @return {@code [N, (H + 2·padding − kh)/stride + 1, (W + 2·padding − kw)/stride + 1, O]}
   */
  Tensor conv2d(
      Tensor x, HostTensor weight, HostTensor bias, int stride, int padding, Epilogue epilogue);

  /**
   * x·weightᵀ, then the epilogue.
   *
   * @param x {@code [..., I]}
   * @param weight {@code [O, I]}; a 1×1 (or length-1) convolution's {@code [O, I, 1, 1]} or {@code
   *     [O, I, 1]} is taken as well
   * @param bias {@code [O]} or null
   * @return {@code [..., O]}
   */
  Tensor linear(Tensor x, HostTensor weight, HostTensor bias, Epilogue epilogue);

  /**
   * Group normalisation over (H, W, C/groups), optionally modulated per image: {@code norm·(1 +
   * scale) + shift}, then the activation.
   *
   * @param x {@code [N, H, W, C]} or {@code [N, T, C]}
   * @param weight {@code [C]}
   * @param bias {@code [C]}
   * @param scaleShift {@code [N, 2C]} or {@code [1, 2C]} (the same for all images), scale first,
   *     {@code F32}; or null
   */
  Tensor groupNorm(
      Tensor x,
      HostTensor weight,
      HostTensor bias,
      int groups,
      float eps,
      Tensor scaleShift,
      Activation activation);

  /**
   * Layer normalisation over the channels: (x − mean)/√(variance + eps)·weight + bias.
   *
   * @param x {@code [..., C]}
   * @param weight {@code [C]}
   * @param bias {@code [C]}
   */
  Tensor layerNorm(Tensor x, HostTensor weight, HostTensor bias, float eps);

  /**
   * Multi-head scaled dot-product attention: softmax(q·kᵀ/√d + bias)·v with d = C/heads, softmax in
   * float32. The original's UNets scale q and k by d^(−1/4) each, which is the same up to rounding.
   *
   * @param qkv {@code [N, T, 3C]} in the given layout
   * @param bias of as many heads and tokens, or null
   * @return {@code [N, T, C]}, heads outermost in C
   */
  Tensor attention(Tensor qkv, int heads, QkvLayout layout, PositionBias bias);

  /** As {@link #attention(Tensor, int, QkvLayout, PositionBias)} without a bias. */
  default Tensor attention(Tensor qkv, int heads, QkvLayout layout) {
    return attention(qkv, heads, layout, null);
  }

  /**
   * Puts one learnt token before those of each sequence and adds the positions' embeddings.
   *
   * @param x {@code [N, T, C]}
   * @param token {@code [1, 1, C]}
   * @param positions {@code [1, T + 1, C]}, or null for none
   * @return {@code [N, T + 1, C]}
   */
  Tensor prependToken(Tensor x, HostTensor token, HostTensor positions);

  /**
   * Mean over the tokens {@code from} ≤ t &lt; {@code to} of each sequence.
   *
   * @param x {@code [N, T, C]}
   * @return {@code [N, C]}
   */
  Tensor meanTokens(Tensor x, int from, int to);

  /** {@code [N, A, B]} to {@code [N, B, A]}. */
  Tensor transpose(Tensor x);

  /**
   * activation(x·scale + shift) per channel: batch normalisation at inference, and input
   * normalisation.
   *
   * @param x {@code [..., C]}
   * @param scale {@code [C]}
   * @param shift {@code [C]}
   */
  Tensor channelAffine(Tensor x, HostTensor scale, HostTensor shift, Activation activation);

  /**
   * x plus one vector per image.
   *
   * @param x {@code [N, H, W, C]}
   * @param vector {@code [N, C]} or {@code [1, C]}, {@code F32}
   */
  Tensor addPerImage(Tensor x, Tensor vector);

  /** Pointwise activation of any shape. */
  Tensor activate(Tensor x, Activation activation);

  /** x + y, same shape and dtype. */
  Tensor add(Tensor x, Tensor y);

  /**
   * a·x + b·y + c in float32, in that order of operations without contraction.
   *
   * @param x {@code F32}
   * @param y {@code F32} of the same shape, or null if b is 0
   */
  Tensor combine(float a, Tensor x, float b, Tensor y, float c);

  /** Each pixel becomes 2×2. {@code [N, H, W, C]} to {@code [N, 2H, 2W, C]}. */
  Tensor upsampleNearest2x(Tensor x);

  /**
   * A 3×3 convolution with padding 1 of {@link #upsampleNearest2x}, for devices that can do both
   * with fewer operations than one after the other.
   *
   * @param x {@code [N, H, W, I]}
   * @param weight {@code [O, I, 3, 3]}
   * @param bias {@code [O]} or null
   * @return {@code [N, 2H, 2W, O]}
   */
  default Tensor upsampledConv2d(Tensor x, HostTensor weight, HostTensor bias) {
    OpChecks.upsampledConv2d(x, weight, bias);
    return conv2d(upsampleNearest2x(x), weight, bias, 1, 1, Epilogue.NONE);
  }

  /**
   * Mean over size×size windows without padding; rows and columns left over are dropped.
   *
   * @param x {@code [N, H, W, C]}
   */
  Tensor avgPool2d(Tensor x, int size, int stride);

  /**
   * Largest value of size×size windows; what lies beyond the edge counts as nothing.
   *
   * @param x {@code [N, H, W, C]}
   * @param padding on each of the four sides, at most {@code size/2}
   * @return {@code [N, (H + 2·padding − size)/stride + 1, (W + 2·padding − size)/stride + 1, C]}
   */
  Tensor maxPool2d(Tensor x, int size, int stride, int padding);

  /**
   * Bicubic interpolation as PyTorch's {@code F.interpolate(mode="bicubic")}: a = −0.75, pixels are
   * squares ({@code align_corners=False}), the edge is repeated, no antialiasing, nothing clipped.
   * See {@link AxisFilter#bicubic}.
   *
   * @param x {@code [N, H, W, C]} {@code F32}
   * @return {@code [N, height, width, C]}
   */
  Tensor resizeBicubic(Tensor x, int height, int width);

  /**
   * Pixels in [0, 1] as bytes: x·255 in float32, cut off towards zero, modulo 256, as NumPy
   * converts to {@code uint8} on x86. So values outside [0, 1] wrap around, and those of 2³¹ and
   * more become 0.
   *
   * @param x {@code F32} of any shape
   * @return of the same shape, whole numbers from 0 to 255 as {@code F32}
   */
  Tensor toBytes(Tensor x);

  /**
   * Pillow's {@code Image.resize} of 8-bit images with its bilinear filter, to the last bit: rows
   * first, then columns, fixed-point weights, rounded to bytes after each. See {@link
   * AxisFilter#pillowBilinear}.
   *
   * @param x {@code [N, H, W, C]} {@code F32}, whole numbers from 0 to 255
   * @return {@code [N, height, width, C]}, the same kind of numbers
   */
  Tensor resizeBytes(Tensor x, int height, int width);

  /** Along the last axis, {@code x} first. All other extents equal. */
  Tensor concatChannels(Tensor x, Tensor y);

  /**
   * Sinusoidal timestep embedding (Vaswani et al.; {@code nn.py, timestep_embedding}): frequencies
   * exp(−ln(10000)·i/half) in float32, cosines first, then sines, one zero column at the end if
   * {@code dim} is odd.
   *
   * @param timesteps {@code [N]} {@code F32}, fractional values allowed
   * @return {@code [N, dim]} {@code F32}
   */
  Tensor timestepEmbedding(Tensor timesteps, int dim);

  /**
   * Rows of a table.
   *
   * @param ids {@code [N]} {@code I32}, each in [0, K)
   * @param table {@code [K, D]}
   * @return {@code [N, D]} {@code F32}
   */
  Tensor embedding(Tensor ids, HostTensor table);

  /**
   * Standard normal noise, a pure function of each lane's key: see {@link Philox} for the exact
   * definition, which every backend follows to the last bit.
   *
   * @param keys {@code [N, 5]} {@code I32}, from {@link Philox#laneKey}
   * @return {@code [N, height, width, channels]} {@code F32}
   */
  Tensor gaussianNoise(Tensor keys, int height, int width, int channels);

  /**
   * One step of the DDPM reverse process (Ho et al. 2020; {@code gaussian_diffusion.py,
   * p_mean_variance} and {@code p_sample}), all in float32:
   *
   * <pre>
   * x0     = clamp(c.sqrtRecipAlphaBar·x − c.sqrtRecipM1AlphaBar·eps, −1, 1)
   * mean   = c.posteriorMeanCoef1·x0 + c.posteriorMeanCoef2·x
   * frac   = (v + 1)/2
   * logvar = frac·c.maxLogVariance + (1 − frac)·c.minLogVariance        (v absent: frac = 0)
   * sample = mean + c.noiseScale·exp(logvar/2)·noise                     (noiseScale 0: mean, whatever the variance)
   * </pre>
   *
   * Where eps or v is NaN or infinite every result is NaN: the clamp would hide an infinity.
   *
   * @param x {@code [N, H, W, C]} {@code F32}
   * @param modelOutput {@code [N, H, W, 2C]} (eps, then v) with learned variance, or {@code [N, H,
   *     W, C]}; {@code F32}
   * @param noise {@code [N, H, W, C]} {@code F32}; null is allowed unless the sample is asked for
   * @param coefficients {@code [8]} {@code F32}, see {@link DdpmCoefficients}
   * @return {@code [N, H, W, C]} {@code F32}
   */
  Tensor ddpmStep(
      Tensor x, Tensor modelOutput, Tensor noise, Tensor coefficients, DdpmOutput output);

  /**
   * Index of the largest of {@code [N, K]} per row, the lowest index on ties; {@link #NOT_FINITE}
   * for a row with a NaN or an infinity, which says nothing about a class; {@code [N]} {@code I32}.
   */
  Tensor argmax(Tensor logits);

  /**
   * The same numbers rounded to another floating-point dtype; {@code x} itself if it has that
   * dtype.
   */
  Tensor cast(Tensor x, DType dtype);

  /** The same memory under another shape of equally many elements. */
  Tensor reshape(Tensor x, Shape shape);

  /**
   * Stores {@code value} in a persistent tensor of the same shape and dtype: what a program leaves
   * behind.
   */
  void assign(Tensor persistent, Tensor value);

  /**
   * Shows an intermediate result, under the name PyTorch's module path gives it, to whoever asked
   * for it; nobody by default, and then the supplier is not called.
   */
  default void probe(String name, Supplier<Tensor> value) {}
}
