package io.densepure.certify;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as Python prints them, so that our files are the original's to the byte. */
public final class PythonFormat {
  private static final MathContext THREE_DIGITS = new MathContext(3, RoundingMode.HALF_EVEN);
  private static final long MICROS_PER_SECOND = 1_000_000;

  private PythonFormat() {}

  /**
   * {@code "{:.3}".format(x)}: three significant digits without trailing zeros, but at least one
   * digit after the point; exponent form from 100 on and below 0.0001.
   */
  public static String radius3(double x) {
    if (Double.isNaN(x) || Double.isInfinite(x)) {
      return special(x);
    }
    if (x == 0) {
      return 1 / x < 0 ? "-0.0" : "0.0";
    }
    // Of the exact binary value, as Python does: 9.995 is a little less than that.
    BigDecimal rounded = new BigDecimal(x).round(THREE_DIGITS).stripTrailingZeros();
    int exponent = rounded.precision() - rounded.scale() - 1;
    return exponent < -4 || exponent > 1 ? scientific(rounded, exponent) : fixed(rounded);
  }

  /** {@code repr(x)} of a float: the fewest digits that give back {@code x}. */
  public static String repr(double x) {
    if (Double.isNaN(x) || Double.isInfinite(x)) {
      return special(x);
    }
    if (x == 0) {
      return 1 / x < 0 ? "-0.0" : "0.0";
    }
    BigDecimal shortest = shortest(x);
    int exponent = shortest.precision() - shortest.scale() - 1;
    return exponent < -4 || exponent > 15 ? scientific(shortest, exponent) : fixed(shortest);
  }

  /** {@code str(datetime.timedelta(seconds=x))}: {@code [D day[s], ]H:MM:SS[.ffffff]}. */
  public static String timedelta(double seconds) {
    long micros =
        new BigDecimal(seconds)
            .movePointRight(6)
            .setScale(0, RoundingMode.HALF_EVEN)
            .longValueExact();
    long whole = Math.floorDiv(micros, MICROS_PER_SECOND);
    long fraction = Math.floorMod(micros, MICROS_PER_SECOND);
    long days = Math.floorDiv(whole, 86_400L);
    long ofDay = Math.floorMod(whole, 86_400L);
    String time =
        String.format(Locale.ROOT, "%d:%02d:%02d", ofDay / 3600, ofDay / 60 % 60, ofDay % 60)
            + (fraction == 0 ? "" : String.format(Locale.ROOT, ".%06d", fraction));
    if (days == 0) {
      return time;
    }
    return days + (Math.abs(days) == 1 ? " day, " : " days, ") + time;
  }

  private static BigDecimal shortest(double x) {
    BigDecimal exact = new BigDecimal(x);
    for (int digits = 1; digits < 17; digits++) {
      BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
      if (rounded.doubleValue() == x) {
        return rounded.stripTrailingZeros();
      }
    }
    return exact.round(new MathContext(17, RoundingMode.HALF_EVEN)).stripTrailingZeros();
  }

  private static String special(double x) {
    return Double.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  }

  private static String fixed(BigDecimal x) {
    return x.setScale(Math.max(1, x.scale())).toPlainString();
  }

  private static String scientific(BigDecimal x, int exponent) {
    String mantissa = x.movePointLeft(exponent).stripTrailingZeros().toPlainString();
    return String.format(
        Locale.ROOT, "%se%s%02d", mantissa, exponent < 0 ? "-" : "+", Math.abs(exponent));
  }
}
