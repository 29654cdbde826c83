package io.densepure.cli;

import io.densepure.certify.Certificate;
import io.densepure.certify.CertifiedImage;
import io.densepure.certify.PythonFormat;
import java.io.PrintStream;
import java.util.List;

/** The results of several runs over the same images, one line an image. */
final class DemoTable {
  private DemoTable() {}

  /**
   * @param runs over the same images, in the same order
   */
  static void print(PrintStream out, List<ResultTable> runs, List<String> classNames) {
    out.println();
    out.printf("%6s  %-12s", "idx", "label");
    runs.forEach(r -> out.printf(" | %-28s", r.title()));
    out.println();
    out.printf("%6s  %-12s", "", "");
    runs.forEach(r -> out.printf(" | %-12s %6s %-8s", "predict", "radius", "correct"));
    out.println();
    for (int i = 0; i < runs.get(0).results().size(); i++) {
      CertifiedImage first = runs.get(0).results().get(i);
      out.printf("%6d  %-12s", first.index(), classNames.get(first.label()));
      for (ResultTable run : runs) {
        cell(out, run.results().get(i), classNames);
      }
      out.println();
    }
    out.println();
    accuracies(out, runs);
  }

  private static void cell(PrintStream out, CertifiedImage image, List<String> classNames) {
    Certificate c = image.certificate();
    out.printf(
        " | %-12s %6s %-8s",
        c.abstains() ? "abstain" : classNames.get(c.prediction()),
        PythonFormat.radius3(c.radius()),
        c.prediction() == image.label() ? "yes" : "no");
  }

  private static void accuracies(PrintStream out, List<ResultTable> runs) {
    double largest = runs.stream().mapToDouble(ResultTable::maxRadius).max().orElse(0);
    out.printf("%-24s", "certified accuracy at r =");
    for (double r : ResultTable.RADII) {
      if (r <= largest || r == 0) {
        out.printf(" %6.2f", r);
      }
    }
    out.printf("  abstained     time%n");
    for (ResultTable run : runs) {
      out.printf("%-25s", "  " + run.title());
      for (double r : ResultTable.RADII) {
        if (r <= largest || r == 0) {
          out.printf(" %4.0f %%", 100 * run.accuracy().atRadius(r));
        }
      }
      double seconds = run.results().stream().mapToDouble(CertifiedImage::seconds).sum();
      out.printf("     %4.0f %%  %5.1f s%n", 100 * run.accuracy().abstentionRate(), seconds);
    }
    out.println();
  }
}
