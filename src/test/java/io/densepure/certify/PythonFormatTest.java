package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected texts that are not in the reference were printed by CPython 3.11. */
class PythonFormatTest {
  private final StatsReference reference = new StatsReference();

  @Test
  void radiusIsPrintedAsByPython() {
    for (JsonNode c : reference.cases("format_colon_dot3")) {
      assertEquals(
          c.get("s").asText(),
          PythonFormat.radius3(StatsReference.number(c.get("v"))),
          c.toString());
    }
    for (String key : new String[] {"radii", "certify"}) {
      for (JsonNode c : reference.cases(key)) {
        double radius = StatsReference.number(c.get("radius"));
        assertEquals(c.get("printed").asText(), PythonFormat.radius3(radius), c.toString());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-0.0, -0.0",
    "-1.5, -1.5",
    "99.9, 99.9",
    "99.949, 99.9",
    "100, 1e+02",
    "0.0001, 0.0001",
    "0.00009999, 0.0001",
    "0.000099949, 9.99e-05",
    "1e-300, 1e-300",
    "4.9e-324, 4.94e-324",
    "1.7976931348623157e308, 1.8e+308",
    "0.12345, 0.123",
    "2.5e-5, 2.5e-05",
    "10, 10.0"
  })
  void radiusAtTheEdges(double x, String printed) {
    assertEquals(printed, PythonFormat.radius3(x));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.0",
    "-0.0, -0.0",
    "1, 1.0",
    "0.25, 0.25",
    "0.1, 0.1",
    "123456789, 123456789.0",
    "1e15, 1000000000000000.0",
    "1e16, 1e+16",
    "1.5e16, 1.5e+16",
    "0.0001, 0.0001",
    "0.00001, 1e-05",
    "2e-3, 0.002",
    "0.30000000000000004, 0.30000000000000004",
    "4.9e-324, 5e-324",
    "2e23, 2e+23",
    "-2.5, -2.5"
  })
  void reprIsThatOfPython(double x, String printed) {
    assertEquals(printed, PythonFormat.repr(x));
  }

  @Test
  void reprGivesTheNumberBack() {
    Random random = new Random(7);
    for (int i = 0; i < 2000; i++) {
      double x = Math.scalb(random.nextDouble(), random.nextInt(200) - 100);
      assertEquals(x, Double.parseDouble(PythonFormat.repr(x)));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|0:00:00",
        "1.5|0:00:01.500000",
        "59.9999996|0:01:00",
        "0.0000005|0:00:00",
        "0.0000015|0:00:00.000002",
        "3661.000001|1:01:01.000001",
        "86399.25|23:59:59.250000",
        "86400|1 day, 0:00:00",
        "190000.125|2 days, 4:46:40.125000"
      })
  void timesArePrintedAsTimedelta(double seconds, String printed) {
    assertEquals(printed, PythonFormat.timedelta(seconds));
  }

  @Test
  void digitsDoNotDependOnTheUsersLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      assertEquals("1.23e-05", PythonFormat.radius3(1.234e-5));
      assertEquals("1:01:01.500000", PythonFormat.timedelta(3661.5));
    } finally {
      Locale.setDefault(before);
    }
  }
}
