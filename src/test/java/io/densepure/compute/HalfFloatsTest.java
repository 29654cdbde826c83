package io.densepure.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class HalfFloatsTest {
  private static float widen(DType dtype, int bits) {
    return dtype == DType.F16
        ? HalfFloats.fp16ToFloat((short) bits)
        : HalfFloats.bf16ToFloat((short) bits);
  }

  private static int narrow(DType dtype, float value) {
    return 0xffff
        & (dtype == DType.F16 ? HalfFloats.floatToFp16(value) : HalfFloats.floatToBf16(value));
  }

  private static final DType[] HALVES = {DType.F16, DType.BF16};

  @Test
  void everyPatternSurvivesTheRoundTrip() {
    for (DType dtype : HALVES) {
      for (int bits = 0; bits < 0x10000; bits++) {
        float wide = widen(dtype, bits);
        int back = narrow(dtype, wide);
        if (Float.isNaN(wide)) {
          assertTrue(Float.isNaN(widen(dtype, back)), dtype + " " + Integer.toHexString(bits));
          assertEquals(bits & 0x8000, back & 0x8000, "sign of NaN");
        } else {
          assertEquals(bits, back, dtype + " " + Integer.toHexString(bits));
        }
      }
    }
  }

  /** The values by the formats' definition: sign, exponent, mantissa. */
  @Test
  void wideningFollowsTheDefinition() {
    Function<int[], Double> value =
        f -> {
          int mantissaBits = f[1];
          int bias = f[2];
          int mantissa = f[0] & ((1 << mantissaBits) - 1);
          int exponent = (f[0] & 0x7fff) >>> mantissaBits;
          double m =
              exponent == 0
                  ? mantissa * Math.pow(2, 1 - bias - mantissaBits)
                  : (mantissa + (1 << mantissaBits)) * Math.pow(2, exponent - bias - mantissaBits);
          return (f[0] & 0x8000) != 0 ? -m : m;
        };
    for (int bits = 0; bits < 0x10000; bits++) {
      if ((bits & 0x7c00) != 0x7c00) {
        assertEquals(value.apply(new int[] {bits, 10, 15}), widen(DType.F16, bits));
      }
      if ((bits & 0x7f80) != 0x7f80) {
        assertEquals(value.apply(new int[] {bits, 7, 127}), widen(DType.BF16, bits));
      }
    }
    assertEquals(Float.POSITIVE_INFINITY, widen(DType.F16, 0x7c00));
    assertEquals(Float.NEGATIVE_INFINITY, widen(DType.BF16, 0xff80));
  }

  /** Between any two neighbours: the middle goes to the even one, a hair off it to the nearer. */
  @Test
  void roundsToNearestTiesToEven() {
    for (DType dtype : HALVES) {
      int infinity = dtype == DType.F16 ? 0x7c00 : 0x7f80;
      for (int low = 0; low < infinity - 1; low++) {
        double middle = ((double) widen(dtype, low) + widen(dtype, low + 1)) / 2;
        float tie = (float) middle;
        int even = (low & 1) == 0 ? low : low + 1;
        assertEquals(middle, (double) tie, "the middle must be a float for this test");
        assertEquals(even, narrow(dtype, tie), dtype + " tie above " + Integer.toHexString(low));
        assertEquals(low, narrow(dtype, Math.nextDown(tie)), dtype + " below the tie");
        assertEquals(low + 1, narrow(dtype, Math.nextUp(tie)), dtype + " above the tie");
        assertEquals(even | 0x8000, narrow(dtype, -tie), dtype + " negative tie");
      }
    }
  }

  @Test
  void overflowBecomesInfinity() {
    assertEquals(0x7bff, narrow(DType.F16, Math.nextDown(65520f)));
    assertEquals(0x7c00, narrow(DType.F16, 65520f));
    assertEquals(0xfc00, narrow(DType.F16, -1e30f));
    assertEquals(0x7c00, narrow(DType.F16, Float.POSITIVE_INFINITY));
    assertEquals(0x7f80, narrow(DType.BF16, Float.MAX_VALUE));
    assertEquals(0xff80, narrow(DType.BF16, Float.NEGATIVE_INFINITY));
  }

  /** NaNs whose payload lies only in the bits that are cut off must not turn into infinities. */
  @Test
  void nanStaysNan() {
    Random random = new Random(4);
    for (int i = 0; i < 100_000; i++) {
      int payload = i < 23 ? 1 << i : 1 + random.nextInt(0x7fffff);
      float nan = Float.intBitsToFloat(0x7f800000 | payload | random.nextInt(2) << 31);
      for (DType dtype : HALVES) {
        assertTrue(Float.isNaN(widen(dtype, narrow(dtype, nan))), Integer.toHexString(payload));
      }
    }
  }
}
