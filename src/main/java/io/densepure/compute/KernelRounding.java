package io.densepure.compute;

import java.util.stream.IntStream;

/**
 * Rounds a convolution's weights to 16 bits so that the errors within a kernel cancel.
 *
 * <p>Pixels under a kernel are much alike, so rounding errors δ of its weights add up to an error
 * of about their sum times the pixels' mean. It is the same for every image, and moves decision
 * boundaries: after rounding to the nearest it, and not the rounding of activations, changes most
 * of the labels that {@code bf16} changes. Here some weights are rounded to their other neighbour,
 * so that {@code (1 − ρ)·Σδ² + ρ·(Σδ)²} is small over each kernel: the mean square of a result's
 * error if pixels are correlated by ρ. The network computes no more for it.
 *
 * <p>Source: the kernel-wise term of SQuant (Guo et al. 2022, arXiv 2202.07471), which rounds to
 * integers.
 */
public final class KernelRounding {
  /** ρ; labels and pixels were about as good with 0.9, and worse with 0, which is nearest. */
  private static final double CORRELATION = 0.7;

  /** Kernels that a thread rounds at a time. */
  private static final int CHUNK = 1024;

  private final DType dtype;
  private final float[] values;
  private final int taps;

  private KernelRounding(DType dtype, float[] values, int taps) {
    this.dtype = dtype;
    this.values = values;
    this.taps = taps;
  }

  /**
   * The weights as devices that compute in {@code dtype} see them. Those that {@code dtype} can
   * hold stay as they are; kernels of one weight, and those with a value beyond the dtype's range,
   * are rounded to the nearest, ties to even.
   *
   * @param weight {@code [O, I, kh, kw]}, a kernel for each O and I; others have kernels of one
   *     weight
   * @param dtype {@code F32}, which leaves all as it is, {@code F16} or {@code BF16}
   * @return the values in the weight's order, each exact in {@code dtype}
   */
  public static float[] round(HostTensor weight, DType dtype) {
    float[] values = weight.toFloats();
    if (dtype == DType.F32) {
      return values;
    }
    KernelRounding rounding = new KernelRounding(dtype, values, taps(weight.shape()));
    int kernels = values.length / rounding.taps;
    IntStream.range(0, (kernels + CHUNK - 1) / CHUNK)
        .parallel()
        .forEach(i -> rounding.roundKernels(i * CHUNK, Math.min((i + 1) * CHUNK, kernels)));
    return values;
  }

  private static int taps(Shape weight) {
    return IntStream.range(2, weight.rank()).map(weight::dim).reduce(1, (a, b) -> a * b);
  }

  private void roundKernels(int first, int end) {
    if (taps == 1) {
      for (int i = first; i < end; i++) {
        values[i] = HalfFloats.round(values[i], dtype);
      }
      return;
    }
    double[] errors = new double[taps];
    double[] others = new double[taps]; // errors of the other neighbours
    for (int kernel = first; kernel < end; kernel++) {
      roundKernel(kernel * taps, errors, others);
    }
  }

  private void roundKernel(int from, double[] errors, double[] others) {
    double sum = 0;
    for (int i = 0; i < taps; i++) {
      float exact = values[from + i];
      float nearest = HalfFloats.round(exact, dtype);
      errors[i] = (double) nearest - exact;
      others[i] = nearest == exact ? 0 : (double) otherNeighbour(exact, nearest) - exact;
      sum += errors[i];
    }
    sum = turn(errors, others, sum);
    for (int i = 0; i < taps; i++) {
      float exact = values[from + i];
      values[from + i] =
          Double.isFinite(sum) ? (float) (exact + errors[i]) : HalfFloats.round(exact, dtype);
    }
  }

  /**
   * Swaps errors with others while that lowers the mean square.
   *
   * @param sum of the errors
   * @return it afterwards
   */
  private static double turn(double[] errors, double[] others, double sum) {
    for (int turned = 0; turned < errors.length; turned++) { // so that it ends whatever happens
      int best = best(errors, others, sum);
      if (best < 0) {
        break;
      }
      sum += others[best] - errors[best];
      double error = errors[best];
      errors[best] = others[best];
      others[best] = error;
    }
    return sum;
  }

  /** The weight whose other neighbour lowers the mean square most, or −1 if none does. */
  private static int best(double[] errors, double[] others, double sum) {
    int best = -1;
    double most = 0;
    for (int i = 0; i < errors.length; i++) {
      double own = errors[i] * errors[i] - others[i] * others[i];
      double otherSum = sum - errors[i] + others[i];
      double gain = (1 - CORRELATION) * own + CORRELATION * (sum * sum - otherSum * otherSum);
      if (gain > most) {
        most = gain;
        best = i;
      }
    }
    return best;
  }

  /** What {@code exact} would be rounded to if not to the nearest. */
  private float otherNeighbour(float exact, float nearest) {
    int towards = Math.abs(nearest) < Math.abs(exact) ? 1 : -1; // away from zero, or to it
    return HalfFloats.next(nearest, towards, dtype);
  }
}
