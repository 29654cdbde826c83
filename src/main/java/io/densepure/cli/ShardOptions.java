package io.densepure.cli;

import io.densepure.certify.Shard;
import io.densepure.pipeline.ShardRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One run on several machines. */
@HelpSection.In(HelpSection.COMPUTE)
final class ShardOptions {
  @Option(
      names = "--shard",
      paramLabel = "I/N",
      description =
          "Do the I-th of N shares of the run, from 1, as 2/8; the others can run elsewhere at the"
              + " same time. Its files are named after --out with .shard-I-of-N. When all are done,"
              + " 'merge --shards' makes of them what the run alone would have written.")
  private String shard;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** The shard, or null if the whole run is wanted. */
  ShardRequest request() {
    return shard == null ? null : new ShardRequest(Shard.parse(shard), command());
  }

  /** The shard's table, given that of the whole run. */
  Path table(Path table) {
    return shard == null
        ? table
        : table.resolveSibling(table.getFileName() + Shard.parse(shard).suffix());
  }

  private String command() {
    List<String> words = spec.root().commandLine().getParseResult().originalArgs();
    return "densepure " + words.stream().map(ShardOptions::quoted).collect(Collectors.joining(" "));
  }

  /** As a shell takes it. */
  static String quoted(String word) {
    return word.matches("[\\w./,:=+@%-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
