package io.densepure.parity;

import io.densepure.parity.ParityResult.Status;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Parity results as text for people. */
public final class ParityTable {
  private ParityTable() {}

  /**
   * One line: the verdict, the case, the largest error, the tolerance it is held against, how much
   * of it that is, the dtype, and what is wrong.
   */
  public static String line(ParityResult r) {
    return String.format(
            Locale.ROOT,
            "%-11s %-36s %9s  %-17s %8s  %s  %s",
            r.status(),
            r.id(),
            number(r.maxAbsError()),
            r.tolerance(),
            percent(r.percentOfTolerance()),
            r.dtype().label(),
            r.message())
        .stripTrailing();
  }

  /** One indented line per comparison of a case. */
  public static List<String> details(ParityResult r) {
    return r.rows().stream()
        .map(
            t ->
                String.format(
                        Locale.ROOT,
                        "    %-44s %-18s %9s  %-17s %8s  %s",
                        t.name(),
                        t.shape(),
                        number(t.maxAbsError()),
                        t.tolerance(),
                        percent(t.percentOfTolerance()),
                        t.message())
                    .stripTrailing())
        .toList();
  }

  /** The counts, and the case that came closest to its tolerance. */
  public static String summary(List<ParityResult> results) {
    String counts =
        String.format(
            Locale.ROOT,
            "%d cases: %d passed, %d failed, %d unsupported",
            results.size(),
            count(results, Status.PASS),
            count(results, Status.FAIL),
            count(results, Status.UNSUPPORTED));
    return results.stream()
        .filter(r -> r.status() == Status.PASS)
        .max(Comparator.comparingDouble(ParityResult::percentOfTolerance))
        .map(
            r ->
                counts
                    + String.format(
                        Locale.ROOT,
                        "; at most %s of a tolerance used (%s)",
                        percent(r.percentOfTolerance()),
                        r.id()))
        .orElse(counts);
  }

  /** How many results have that status. */
  public static long count(List<ParityResult> results, Status status) {
    return results.stream().filter(r -> r.status() == status).count();
  }

  private static String number(double v) {
    return !Double.isFinite(v) ? "-" : String.format(Locale.ROOT, "%.2e", v);
  }

  private static String percent(double v) {
    return !Double.isFinite(v) ? "-" : String.format(Locale.ROOT, "%.1f%%", v);
  }
}
