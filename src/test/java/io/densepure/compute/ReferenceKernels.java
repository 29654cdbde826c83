package io.densepure.compute;

/** The loops of {@link ReferenceOps}, each as the definition of its operation reads. */
final class ReferenceKernels {
  private ReferenceKernels() {}

  /** A matrix as a device that computes in {@code dtype} sees it. */
  private static float[] rounded(HostTensor weight, DType dtype) {
    float[] w = weight.toFloats();
    for (int i = 0; i < w.length; i++) {
      w[i] = HalfFloats.round(w[i], dtype);
    }
    return w;
  }

  private static void store(
      ReferenceTensor out, int index, double sum, ReferenceTensor residual, Activation activation) {
    double v = residual == null ? sum : sum + residual.get(index);
    out.set(index, ReferenceOps.apply(activation, v));
  }

  static void conv2d(
      ReferenceTensor x,
      HostTensor weight,
      HostTensor bias,
      int stride,
      int padding,
      ReferenceTensor residual,
      Activation activation,
      ReferenceTensor out) {
    int height = x.shape().dim(1);
    int width = x.shape().dim(2);
    int in = x.shape().dim(3);
    int kh = weight.shape().dim(2);
    int kw = weight.shape().dim(3);
    float[] w = KernelRounding.round(weight, x.dtype());
    float[] b = bias == null ? null : bias.toFloats();
    Shape o = out.shape();
    int index = 0;
    for (int n = 0; n < o.dim(0); n++) {
      for (int oy = 0; oy < o.dim(1); oy++) {
        for (int ox = 0; ox < o.dim(2); ox++) {
          for (int oc = 0; oc < o.dim(3); oc++) {
            double sum = b == null ? 0 : b[oc];
            for (int ky = 0; ky < kh; ky++) {
              int iy = oy * stride - padding + ky;
              for (int kx = 0; kx < kw; kx++) {
                int ix = ox * stride - padding + kx;
                if (iy < 0 || iy >= height || ix < 0 || ix >= width) {
                  continue;
                }
                for (int ic = 0; ic < in; ic++) {
                  sum +=
                      (double) x.get(((n * height + iy) * width + ix) * in + ic)
                          * w[((oc * in + ic) * kh + ky) * kw + kx];
                }
              }
            }
            store(out, index++, sum, residual, activation);
          }
        }
      }
    }
  }

  static void linear(
      ReferenceTensor x,
      HostTensor weight,
      HostTensor bias,
      ReferenceTensor residual,
      Activation activation,
      ReferenceTensor out) {
    int in = weight.shape().dim(1);
    int channels = weight.shape().dim(0);
    float[] w = rounded(weight, x.dtype());
    float[] b = bias == null ? null : bias.toFloats();
    int index = 0;
    for (int row = 0; row < x.shape().rows(); row++) {
      for (int oc = 0; oc < channels; oc++) {
        double sum = b == null ? 0 : b[oc];
        for (int ic = 0; ic < in; ic++) {
          sum += (double) x.get(row * in + ic) * w[oc * in + ic];
        }
        store(out, index++, sum, residual, activation);
      }
    }
  }

  static void groupNorm(
      ReferenceTensor x,
      HostTensor weight,
      HostTensor bias,
      int groups,
      float eps,
      ReferenceTensor scaleShift,
      Activation activation,
      ReferenceTensor out) {
    int images = x.shape().dim(0);
    int channels = x.shape().dim(-1);
    int pixels = x.floats.length / images / channels;
    int width = channels / groups;
    float[] gamma = weight.toFloats();
    float[] beta = bias.toFloats();
    for (int n = 0; n < images; n++) {
      for (int g = 0; g < groups; g++) {
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < pixels * width; i++) {
          sum += x.get((n * pixels + i / width) * channels + g * width + i % width);
        }
        double mean = sum / (pixels * width);
        for (int i = 0; i < pixels * width; i++) {
          double d = x.get((n * pixels + i / width) * channels + g * width + i % width) - mean;
          squares += d * d;
        }
        double inverse = 1 / Math.sqrt(squares / (pixels * width) + eps);
        for (int i = 0; i < pixels * width; i++) {
          int c = g * width + i % width;
          int index = (n * pixels + i / width) * channels + c;
          double v = (x.get(index) - mean) * inverse * gamma[c] + beta[c];
          if (scaleShift != null) {
            int row = scaleShift.shape().dim(0) == 1 ? 0 : n * 2 * channels;
            v = v * (1 + scaleShift.get(row + c)) + scaleShift.get(row + channels + c);
          }
          out.set(index, ReferenceOps.apply(activation, v));
        }
      }
    }
  }

  static void layerNorm(
      ReferenceTensor x, HostTensor weight, HostTensor bias, float eps, ReferenceTensor out) {
    int channels = x.shape().dim(-1);
    float[] gamma = weight.toFloats();
    float[] beta = bias.toFloats();
    for (int row = 0; row < x.floats.length; row += channels) {
      double sum = 0;
      double squares = 0;
      for (int c = 0; c < channels; c++) {
        sum += x.get(row + c);
      }
      double mean = sum / channels;
      for (int c = 0; c < channels; c++) {
        squares += (x.get(row + c) - mean) * (x.get(row + c) - mean);
      }
      double inverse = 1 / Math.sqrt(squares / channels + eps);
      for (int c = 0; c < channels; c++) {
        out.set(row + c, (x.get(row + c) - mean) * inverse * gamma[c] + beta[c]);
      }
    }
  }

  static void attention(
      ReferenceTensor qkv, int heads, QkvLayout layout, PositionBias bias, ReferenceTensor out) {
    float[] table = bias == null ? null : bias.table().toFloats();
    long[] index = bias == null ? null : bias.index().toLongs();
    int tokens = out.shape().dim(1);
    int channels = out.shape().dim(2);
    int d = channels / heads;
    boolean headsFirst = layout == QkvLayout.HEADS_FIRST;
    double[] p = new double[tokens];
    for (int n = 0; n < out.shape().dim(0); n++) {
      for (int h = 0; h < heads; h++) {
        // Where q, k and v of this head start within a token's 3·C channels.
        int q = headsFirst ? h * 3 * d : h * d;
        int k = headsFirst ? q + d : q + channels;
        int v = headsFirst ? q + 2 * d : q + 2 * channels;
        for (int t = 0; t < tokens; t++) {
          int row = (n * tokens + t) * 3 * channels;
          double max = Double.NEGATIVE_INFINITY;
          for (int s = 0; s < tokens; s++) {
            int other = (n * tokens + s) * 3 * channels;
            double dot = 0;
            for (int c = 0; c < d; c++) {
              dot += (double) qkv.get(row + q + c) * qkv.get(other + k + c);
            }
            p[s] = dot / Math.sqrt(d);
            if (bias != null) {
              p[s] += table[h * bias.table().shape().dim(1) + (int) index[t * tokens + s]];
            }
            max = Math.max(max, p[s]);
          }
          double total = 0;
          for (int s = 0; s < tokens; s++) {
            p[s] = Math.exp(p[s] - max);
            total += p[s];
          }
          for (int c = 0; c < d; c++) {
            double sum = 0;
            for (int s = 0; s < tokens; s++) {
              sum += p[s] * qkv.get((n * tokens + s) * 3 * channels + v + c);
            }
            out.set((n * tokens + t) * channels + h * d + c, sum / total);
          }
        }
      }
    }
  }

  static void upsampleNearest2x(ReferenceTensor x, ReferenceTensor out) {
    Shape o = out.shape();
    int channels = o.dim(3);
    for (int n = 0; n < o.dim(0); n++) {
      for (int y = 0; y < o.dim(1); y++) {
        for (int w = 0; w < o.dim(2); w++) {
          int from = ((n * x.shape().dim(1) + y / 2) * x.shape().dim(2) + w / 2) * channels;
          int to = ((n * o.dim(1) + y) * o.dim(2) + w) * channels;
          System.arraycopy(x.floats, from, out.floats, to, channels);
        }
      }
    }
  }

  static void avgPool2d(ReferenceTensor x, int size, int stride, ReferenceTensor out) {
    Shape o = out.shape();
    int channels = o.dim(3);
    int index = 0;
    for (int n = 0; n < o.dim(0); n++) {
      for (int oy = 0; oy < o.dim(1); oy++) {
        for (int ox = 0; ox < o.dim(2); ox++) {
          for (int c = 0; c < channels; c++) {
            double sum = 0;
            for (int i = 0; i < size * size; i++) {
              int y = oy * stride + i / size;
              int w = ox * stride + i % size;
              sum += x.get(((n * x.shape().dim(1) + y) * x.shape().dim(2) + w) * channels + c);
            }
            out.set(index++, sum / (size * size));
          }
        }
      }
    }
  }

  static void maxPool2d(ReferenceTensor x, int size, int stride, int padding, ReferenceTensor out) {
    Shape o = out.shape();
    int height = x.shape().dim(1);
    int width = x.shape().dim(2);
    int channels = o.dim(3);
    for (int i = 0; i < out.floats.length; i++) {
      int pixel = i / channels;
      int top = pixel / o.dim(2) % o.dim(1) * stride - padding;
      int left = pixel % o.dim(2) * stride - padding;
      int image = pixel / o.dim(2) / o.dim(1) * height * width;
      double largest = Double.NEGATIVE_INFINITY;
      for (int y = Math.max(0, top); y < Math.min(height, top + size); y++) {
        for (int w = Math.max(0, left); w < Math.min(width, left + size); w++) {
          largest = Math.max(largest, x.get((image + y * width + w) * channels + i % channels));
        }
      }
      out.set(i, largest);
    }
  }

  /** {@link Philox#lane} counts in [C, H, W] order; the result is channels last. */
  static void gaussianNoise(ReferenceTensor keys, ReferenceTensor out) {
    int channels = out.shape().dim(3);
    int pixels = out.shape().dim(1) * out.shape().dim(2);
    float[] chw = new float[channels * pixels];
    for (int n = 0; n < out.shape().dim(0); n++) {
      Philox.lane(keys.ints, n, chw.length, chw, 0);
      for (int i = 0; i < chw.length; i++) {
        int c = i / pixels;
        int pixel = i % pixels;
        out.floats[(n * pixels + pixel) * channels + c] = chw[i];
      }
    }
  }

  static void ddpmStep(
      ReferenceTensor x,
      ReferenceTensor modelOutput,
      ReferenceTensor noise,
      ReferenceTensor coefficients,
      DdpmOutput output,
      ReferenceTensor out) {
    float[] c = coefficients.floats;
    DdpmCoefficients k = new DdpmCoefficients(c[0], c[1], c[2], c[3], c[4], c[5], c[6]);
    int channels = x.shape().dim(3);
    int modelChannels = modelOutput.shape().dim(3);
    for (int i = 0; i < x.floats.length; i++) {
      int m = i / channels * modelChannels + i % channels;
      float xt = x.floats[i];
      float eps = modelOutput.floats[m];
      float unclamped = k.sqrtRecipAlphaBar() * xt - k.sqrtRecipM1AlphaBar() * eps;
      float x0 = Math.max(-1f, Math.min(1f, unclamped));
      float mean = k.posteriorMeanCoef1() * x0 + k.posteriorMeanCoef2() * xt;
      float logVariance = k.minLogVariance();
      boolean finite = Float.isFinite(eps);
      if (modelChannels != channels) {
        finite &= Float.isFinite(modelOutput.floats[m + channels]);
        float frac = (modelOutput.floats[m + channels] + 1f) / 2f;
        logVariance = frac * k.maxLogVariance() + (1f - frac) * k.minLogVariance();
      }
      if (!finite) {
        out.floats[i] = Float.NaN;
        continue;
      }
      out.floats[i] =
          switch (output) {
            case PRED_XSTART -> x0;
            case MEAN -> mean;
            case LOG_VARIANCE -> logVariance;
            case SAMPLE ->
                k.noiseScale() == 0f
                    ? mean
                    : mean
                        + k.noiseScale() * (float) Math.exp(0.5f * logVariance) * noise.floats[i];
          };
    }
  }
}
