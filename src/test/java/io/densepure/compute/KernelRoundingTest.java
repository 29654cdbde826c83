package io.densepure.compute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KernelRoundingTest {
  private static final int KERNELS = 3000; // more than a thread takes at a time
  private static final int TAPS = 9;

  private static HostTensor kernels(float... values) {
    return HostTensor.of(
        "weight",
        Shape.of(values.length / TAPS / 3, 3, 3, 3),
        Arrays.copyOf(values, values.length));
  }

  private static float[] random() {
    Random random = new Random(1);
    float[] values = new float[KERNELS * TAPS];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.1 * random.nextGaussian());
    }
    return values;
  }

  private static float[] nearest(float[] values, DType dtype) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = HalfFloats.round(values[i], dtype);
    }
    return rounded;
  }

  /** Mean square over kernels of the results' error if all pixels are 1. */
  private static double ofConstantImages(float[] exact, float[] rounded) {
    double squares = 0;
    for (int from = 0; from < exact.length; from += TAPS) {
      double sum = 0;
      for (int i = from; i < from + TAPS; i++) {
        sum += (double) rounded[i] - exact[i];
      }
      squares += sum * sum;
    }
    return squares / KERNELS;
  }

  /** Mean square over kernels of the results' error if pixels are independent of each other. */
  private static double ofNoise(float[] exact, float[] rounded) {
    double squares = 0;
    for (int i = 0; i < exact.length; i++) {
      squares += Math.pow((double) rounded[i] - exact[i], 2);
    }
    return squares / KERNELS;
  }

  @ParameterizedTest
  @EnumSource(names = {"BF16", "F16"})
  void errorsCancelWherePixelsAreAlikeAndGrowLittleWhereTheyAreNot(DType dtype) {
    float[] exact = random();
    float[] nearest = nearest(exact, dtype);
    float[] rounded = KernelRounding.round(kernels(exact), dtype);
    double constant = ofConstantImages(exact, rounded) / ofConstantImages(exact, nearest);
    double noise = ofNoise(exact, rounded) / ofNoise(exact, nearest);
    System.out.printf(
        "%s kernels: mean square errors are %.4f times those of nearest on constant images,"
            + " %.2f times on noise%n",
        dtype.label(), constant, noise);
    assertTrue(constant < 0.05, "on constant images " + constant);
    assertTrue(noise < 1.5, "on noise " + noise);
  }

  @ParameterizedTest
  @EnumSource(names = {"BF16", "F16"})
  void everyWeightIsOneOfItsTwoNeighbours(DType dtype) {
    float[] exact = random();
    float[] rounded = KernelRounding.round(kernels(exact), dtype);
    int turned = 0;
    for (int i = 0; i < exact.length; i++) {
      float nearest = HalfFloats.round(exact[i], dtype);
      assertEquals(rounded[i], HalfFloats.round(rounded[i], dtype));
      if (rounded[i] != nearest) {
        turned++;
        assertTrue(
            rounded[i] < exact[i] != nearest < exact[i],
            "%s became %s, nearest is %s".formatted(exact[i], rounded[i], nearest));
        float between = (rounded[i] + nearest) / 2; // exact in float32, and never in 16 bits
        assertTrue(HalfFloats.round(between, dtype) != between, "a neighbour is left out");
      }
    }
    assertTrue(turned > KERNELS / 2 && turned < exact.length / 3, turned + " turned");
  }

  /** Two halves of a last place up, and a little: the cheaper one goes down instead. */
  @Test
  void theWeightNearestToHalfwayIsTurned() {
    float step = 0x1p-7f; // between 1 and 2
    float[] exact = new float[3 * TAPS];
    Arrays.fill(exact, 1);
    exact[2] += 0.625f * step;
    exact[5] += 0.5625f * step;
    float[] expected = exact.clone();
    expected[2] = 1 + step;
    expected[5] = 1;
    assertArrayEquals(expected, KernelRounding.round(kernels(exact), DType.BF16));
    exact[3 * TAPS - 1] = 1 + 0.625f * step; // alone in its kernel
    expected[3 * TAPS - 1] = 1 + step;
    assertArrayEquals(expected, KernelRounding.round(kernels(exact), DType.BF16));
  }

  @ParameterizedTest
  @EnumSource(names = {"BF16", "F16"})
  void whatIsRoundedStaysSo(DType dtype) {
    float[] rounded = KernelRounding.round(kernels(random()), dtype);
    assertArrayEquals(rounded, KernelRounding.round(kernels(rounded), dtype));
    float[] nearest = nearest(random(), dtype);
    assertArrayEquals(nearest, KernelRounding.round(kernels(nearest), dtype));
  }

  @Test
  void float32IsLeftAlone() {
    float[] exact = random();
    assertArrayEquals(exact, KernelRounding.round(kernels(exact), DType.F32));
  }

  @ParameterizedTest
  @EnumSource(names = {"BF16", "F16"})
  void matricesAndPointwiseKernelsAreRoundedToTheNearest(DType dtype) {
    float[] exact = random();
    int n = exact.length;
    for (int[] dims : new int[][] {{n}, {3, n / 3}, {3, n / 3, 1}, {9, n / 9, 1, 1}}) {
      HostTensor weight = HostTensor.of("weight", Shape.of(dims), exact.clone());
      assertArrayEquals(nearest(exact, dtype), KernelRounding.round(weight, dtype));
    }
  }

  /** Their neighbours in the tensor are rounded as ever. */
  @Test
  void kernelsThatAreNotFiniteAreRoundedToTheNearest() {
    for (float odd : new float[] {Float.NaN, Float.POSITIVE_INFINITY, 1e6f, -1e6f}) {
      float[] exact = random();
      exact[TAPS + 4] = odd;
      float[] rounded = KernelRounding.round(kernels(exact), DType.F16);
      float[] usual = KernelRounding.round(kernels(random()), DType.F16);
      float[] nearest = nearest(exact, DType.F16);
      System.arraycopy(nearest, TAPS, usual, TAPS, TAPS);
      assertArrayEquals(usual, rounded);
    }
  }

  /** The next number after the largest one of fp16 is infinity, and after 0 a subnormal. */
  @Test
  void atTheEndsOfTheRangeNothingOverflows() {
    float[] exact = new float[3 * TAPS];
    Arrays.fill(exact, 65_500);
    for (float value : KernelRounding.round(kernels(exact), DType.F16)) {
      assertTrue(value == 65_504 || value == 65_472, "" + value);
    }
    Arrays.fill(exact, 0x1p-26f); // a quarter of the smallest
    float[] rounded = KernelRounding.round(kernels(exact), DType.F16);
    double sum = 0;
    for (int i = 0; i < TAPS; i++) {
      assertTrue(rounded[i] == 0 || rounded[i] == 0x1p-24f, "" + rounded[i]);
      sum += rounded[i];
    }
    assertEquals(TAPS * 0x1p-26, sum, 0x1p-25);
  }
}
