package io.densepure.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.certify.MergeResults;
import io.densepure.certify.OfflineCertificate;
import io.densepure.certify.ResultRow;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The table that {@code merge} and {@code recertify} make of votes cast before.
 *
 * @param title what was done, for the last line
 * @param samples of the estimation, of each image
 */
record OfflineTable(String title, int samples, List<OfflineCertificate> images) {
  private static final int MAX_NAMED = 10;

  void write(Path table) {
    MergeResults.write(table, rows());
  }

  private List<ResultRow> rows() {
    return images.stream().map(OfflineCertificate::row).toList();
  }

  void print(PrintWriter to, Path table, boolean json) {
    if (json) {
      to.println(toJson(table).toPrettyString());
    } else {
      to.println(ResultRow.HEADER);
      rows().forEach(row -> to.println(row.toTsv()));
      to.printf("%d images %s, written to %s%n", images.size(), title, table);
      printUndecided(to);
      printNotFinite(to);
    }
    to.flush();
  }

  /** Says what casting the votes left out could change. */
  private void printUndecided(PrintWriter to) {
    List<OfflineCertificate> open = images.stream().filter(OfflineCertificate::open).toList();
    if (open.isEmpty()) {
      return;
    }
    int copies = open.stream().mapToInt(OfflineCertificate::undecided).sum();
    to.printf(
        "Of %d image%s (%s) %,d of %,d copies are undecided, as votes over them were not cast: they"
            + " count against the class. Casting them (certify --exhaustive) may give more.%n",
        open.size(),
        open.size() == 1 ? "" : "s",
        named(open),
        copies,
        (long) samples * open.size());
  }

  private void printNotFinite(PrintWriter to) {
    List<OfflineCertificate> some = images.stream().filter(i -> i.notFinite() > 0).toList();
    if (!some.isEmpty()) {
      to.printf(
          "Of %d image%s (%s) %,d votes came without a finite result (NaN or infinity): they count"
              + " against the class.%n",
          some.size(),
          some.size() == 1 ? "" : "s",
          named(some),
          some.stream().mapToLong(OfflineCertificate::notFinite).sum());
    }
  }

  private static String named(List<OfflineCertificate> some) {
    return some.stream()
        .limit(MAX_NAMED)
        .map(i -> String.valueOf(i.image()))
        .collect(Collectors.joining(", ", "", some.size() > MAX_NAMED ? ", …" : ""));
  }

  private ObjectNode toJson(Path table) {
    ObjectNode all = toJson(rows(), table);
    for (int i = 0; i < images.size(); i++) {
      OfflineCertificate image = images.get(i);
      ((ObjectNode) all.withArray("images").get(i))
          .put("pABar", image.certificate().pABar())
          .put("nA", image.certificate().nA())
          .put("undecided", image.undecided())
          .put("not_finite", image.notFinite())
          .put("open", image.open());
    }
    return all;
  }

  /** The rows of a merged table, and where it is. */
  static ObjectNode toJson(List<ResultRow> rows, Path table) {
    ObjectNode all = JsonNodeFactory.instance.objectNode().put("table", table.toString());
    for (ResultRow row : rows) {
      all.withArray("images")
          .addObject()
          .put("idx", row.idx())
          .put("label", row.label())
          .put("predict", row.predict())
          .put("radius", row.radius())
          .put("correct", row.correct());
    }
    return all;
  }
}
