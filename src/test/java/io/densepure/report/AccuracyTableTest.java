package io.densepure.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.certify.CertifiedAccuracy;
import io.densepure.certify.HighProbability;
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
        | a\\|b | 4 | 0.0 | **0.400** | **100.0** | **100.0** | 25.0 |
        """,
        TABLE.render(Format.MARKDOWN));
  }

  @Test
  void latexIsATableOfBooktabsWithNamesMadeHarmless() {
    AccuracyTable table =
        new AccuracyTable(
            List.of(
                new AccuracyTable.Run("50 % & b_1 \\cmd{x}~^#$", accuracy(0.1, 0.6, -1)),
                new AccuracyTable.Run("b", accuracy(0.3))),
            List.of(0.0, 0.5));
    assertEquals(
        """
        % \\usepackage{booktabs}; accuracy in percent
        \\begin{tabular}{lrrrrr}
        \\toprule
        run & images & abstained & ACR & $r = 0.0$ & $r = 0.5$ \\\\
        \\midrule
        50 \\% \\& b\\_1 \\textbackslash{}cmd\\{x\\}\\textasciitilde{}\\textasciicircum{}\\#\\$ \
        & 3 & 33.3 & 0.233 & 66.7 & \\textbf{33.3} \\\\
        b & 1 & 0.0 & \\textbf{0.300} & \\textbf{100.0} & 0.0 \\\\
        \\bottomrule
        \\end{tabular}
        """,
        table.render(Format.LATEX));
  }

  /** The intervals are scipy's: binomtest(2, 3).proportion_ci(0.95), and for 1 of 3. */
  @Test
  void intervalsAndBoundsStandBesideTheAccuracy() {
    AccuracyTable table =
        new AccuracyTable(
            List.of(new AccuracyTable.Run("a", accuracy(0.1, 0.6, -1))),
            List.of(0.0, 0.5),
            new AccuracyBounds(
                0.95, new HighProbability(HighProbability.Method.EXACT, 0.001, 0.001)));
    assertEquals(
        "a         3       33.3  0.233     66.7 [9.4, 99.2] >=33.3"
            + "      33.3 [0.8, 90.6] >=0.0",
        table.render(Format.TEXT).lines().toList().get(2));
    assertTrue(table.render(Format.MARKDOWN).contains("| 66.7 [9.4, 99.2] (33.3) |"));
    List<String> csv = table.render(Format.CSV).lines().toList();
    assertTrue(csv.get(0).endsWith(",accuracy_at_0.5_high,accuracy_at_0.5_at_least"), csv.get(0));
    assertEquals(10 + 2, csv.get(1).split(",").length);
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
