package io.densepure.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.densepure.certify.CertifiedAccuracy;
import io.densepure.certify.ResultRow;
import io.densepure.report.AccuracyTable.Format;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class AccuracyTableTest {
  private static CertifiedAccuracy accuracy(double... radii) {
    return new CertifiedAccuracy(
        Arrays.stream(radii)
            .mapToObj(r -> new ResultRow(0, 1, r < 0 ? -1 : 1, Math.max(0, r), r >= 0, null))
            .toList());
  }

  private static final AccuracyTable TABLE =
      new AccuracyTable(
          List.of(
              new AccuracyTable.Run("one, two", accuracy(0.1, 0.6, -1)),
              new AccuracyTable.Run("a|b", accuracy(0.3, 0.3, 0.3, 0.7))),
          List.of(0.0, 0.25, 0.5));

  @Test
  void textLinesUpInPercent() {
    assertEquals(
        """
        Certified accuracy and abstention in percent
        run       images  abstained    ACR  r=0.0  r=0.25  r=0.5
        one, two       3       33.3  0.233   66.7    33.3   33.3
        a|b            4        0.0  0.400  100.0   100.0   25.0
        """,
        TABLE.render(Format.TEXT));
  }

  @Test
  void markdownHasTheBestInBold() {
    assertEquals(
        """
        | run | images | abstained | ACR | r=0.0 | r=0.25 | r=0.5 |
        |---|---:|---:|---:|---:|---:|---:|
        | one, two | 3 | 33.3 | 0.233 | 66.7 | 33.3 | **33.3** |
        | a\\|b | 4 | 0.0 | 0.400 | **100.0** | **100.0** | 25.0 |
        """,
        TABLE.render(Format.MARKDOWN));
  }

  @Test
  void csvQuotesNamesAndKeepsAllDigitsInAnyLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      String csv = TABLE.render(Format.CSV);
      assertEquals(
          "\"one, two\",3,0.3333333333333333,0.2333333333333333,0.6666666666666666,"
              + "0.3333333333333333,0.3333333333333333",
          csv.lines().toList().get(1));
      assertEquals("33.3", TABLE.render(Format.TEXT).split("\\s+")[16]);
    } finally {
      Locale.setDefault(before);
    }
  }
}
