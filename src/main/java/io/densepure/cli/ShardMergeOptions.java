package io.densepure.cli;

import io.densepure.InputException;
import io.densepure.certify.CertifiedImage;
import io.densepure.certify.MergedRun;
import io.densepure.certify.ResultRow;
import io.densepure.certify.ShardMerge;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code merge --shards}: the shards of a run on several machines become the run. */
@HelpSection.In(HelpSection.FILES)
final class ShardMergeOptions {
  private static final Set<String> GO_WITH_IT =
      Set.of("--shards", "--out", "--predictions_path", "--json", "--stacktrace");
  private static final Pattern SHARD = Pattern.compile("(.+)\\.shard-\\d+-of-\\d+\\.run\\.jsonl");

  @Option(
      names = "--shards",
      arity = "1..*",
      paramLabel = "JOURNAL",
      description =
          "The journals of all shards, OUT.shard-*.run.jsonl. Everything else is read from them:"
              + " of the other options only --out, --predictions_path and --json go with it. Writes"
              + " the table, the run's journal and, if the shards saved votes, the vote files.")
  private List<Path> journals;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  boolean isGiven() {
    return journals != null;
  }

  /**
   * @param out the table, or null for the one that the shards' names are made from
   * @param votesPrefix where to write vote files, or null for where the shards were told to
   */
  void merge(Path out, String votesPrefix, boolean json) {
    refuseOtherOptions();
    List<Path> files = journals.stream().map(ShardMergeOptions::journal).distinct().toList();
    try (ShardMerge shards = ShardMerge.open(files)) {
      Path table = out != null ? out : table(files.get(0));
      MergedRun merged = new MergedRun(shards, table, votesPrefix);
      print(merged.write(), merged, json);
    }
  }

  private void refuseOtherOptions() {
    spec.commandLine().getParseResult().matchedOptions().stream()
        .map(option -> option.longestName())
        .filter(name -> !GO_WITH_IT.contains(name))
        .findFirst()
        .ifPresent(
            name -> {
              throw InputException.of(
                  "%s does not go with --shards, which takes it from the journals", name);
            });
  }

  /** A pattern such as {@code OUT.shard-*} has the shards' tables, too. */
  private static Path journal(Path file) {
    Path journal = MergedRun.journal(file);
    return Files.exists(journal) ? journal : file;
  }

  private static Path table(Path journal) {
    Matcher name = SHARD.matcher(journal.getFileName().toString());
    if (!name.matches()) {
      throw InputException.of(
          "%s: its name does not tell where the merged table goes; give --out", journal);
    }
    return journal.resolveSibling(name.group(1));
  }

  private void print(List<CertifiedImage> images, MergedRun merged, boolean json) {
    PrintWriter to = spec.commandLine().getOut();
    List<ResultRow> rows = images.stream().map(CertifiedImage::row).toList();
    if (json) {
      to.println(OfflineTable.toJson(rows, merged.table()).toPrettyString());
    } else {
      to.println(ResultRow.HEADER_WITH_TIME);
      rows.forEach(row -> to.println(row.toTsv()));
      to.printf(
          "%d images merged from %d shards, written to %s%n",
          rows.size(), merged.shards(), merged.table());
      SortedMap<Integer, Integer> notFinite = new TreeMap<>();
      images.stream()
          .filter(i -> i.notFinite() > 0)
          .forEach(i -> notFinite.put(i.index(), i.notFinite()));
      NotFiniteLanes.warn(System.err, notFinite, merged.lanesPerImage(), null);
    }
    to.flush();
  }
}
