package io.densepure.compute;

/** Conversions between float and the two 16-bit formats; rounding is to nearest, ties to even. */
public final class HalfFloats {
  private HalfFloats() {}

  /**
   * The nearest number that {@code F16} or {@code BF16} can hold; {@code F32} leaves it as it is.
   */
  public static float round(float value, DType dtype) {
    return switch (dtype) {
      case F32 -> value;
      case F16 -> fp16ToFloat(floatToFp16(value));
      case BF16 -> bf16ToFloat(floatToBf16(value));
      default -> throw new IllegalArgumentException("no rounding to " + dtype);
    };
  }

  /**
   * The number next to another one.
   *
   * @param value one that {@code dtype} can hold
   * @param step 1 for the next larger magnitude, after the largest one infinity; −1 for the next
   *     smaller, if there is one
   */
  static float next(float value, int step, DType dtype) {
    return dtype == DType.F16
        ? fp16ToFloat((short) (floatToFp16(value) + step))
        : bf16ToFloat((short) (floatToBf16(value) + step));
  }

  /** Exact. NaN payloads are kept in the upper bits. */
  public static float bf16ToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Rounds to nearest even; NaN stays NaN, overflow becomes infinity. */
  public static short floatToBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  /** Exact, subnormals included. */
  public static float fp16ToFloat(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = (bits >>> 10) & 0x1f;
    int mantissa = bits & 0x3ff;
    if (exponent == 0x1f) {
      return Float.intBitsToFloat(sign | 0x7f800000 | (mantissa << 13));
    }
    if (exponent == 0) {
      float magnitude = mantissa * 0x1p-24f;
      return sign != 0 ? -magnitude : magnitude;
    }
    return Float.intBitsToFloat(sign | ((exponent + 112) << 23) | (mantissa << 13));
  }

  /** Rounds to nearest even, subnormals included; NaN stays NaN, overflow becomes infinity. */
  public static short floatToFp16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      return (short) (sign | 0x7e00 | ((magnitude >>> 13) & 0x3ff));
    }
    if (magnitude >= 0x477ff000) { // 65520 and above round to infinity
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x38800000) { // below 2^-14: subnormal, a multiple of 2^-24
      return (short) (sign | (int) Math.rint(Math.abs((double) value) * 0x1p24));
    }
    int rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
    return (short) (sign | ((rounded - 0x38000000) >>> 13));
  }
}
