package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.InputException;
import io.densepure.certify.MergeInputs;
import io.densepure.certify.MergeResults;
import io.densepure.certify.ResultRow;
import io.densepure.certify.VoteCertifier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * A working folder of the original's {@code merge_results.py}: its vote files and tables, merged
 * again, must give the same table to the byte.
 */
final class MergeRunner implements CaseRunner {
  /** What the original has built in. */
  private static final double ALPHA = 0.001;

  @Override
  public boolean handles(GoldenCase c) {
    return c.source().contains("merge_results");
  }

  @Override
  public void run(Trial trial) {
    GoldenCase c = trial.golden();
    Map<String, List<String>> argv = argv(c.config().path("argv"));
    double sigma = Double.parseDouble(one(argv, "--sigma"));
    int n0 = Integer.parseInt(one(argv, "--N0"));
    int n = Integer.parseInt(one(argv, "--N"));
    int classes = Integer.parseInt(one(argv, "--classes_num"));
    int seedCount = Integer.parseInt(one(argv, "--majority_vote_num"));
    int steps = Integer.parseInt(one(argv, "--steps"));
    List<Long> seeds = LongStream.range(0, seedCount).boxed().toList();
    MergeInputs inputs = new MergeInputs(c.file("dir"), one(argv, "--datasets"), sigma, steps);
    VoteCertifier certifier = new VoteCertifier(sigma, ALPHA);
    // Labels come from the last seed's table, by position.
    List<ResultRow> labels = ResultRow.read(inputs.table(seeds.get(seeds.size() - 1), n0, n));
    List<ResultRow> merged = new ArrayList<>();
    for (String id : argv.get("--sample_id_list")) {
      int image = Integer.parseInt(id);
      MergeResults merge =
          new MergeResults(inputs.voteFiles(image, seeds.get(0)), seeds, n0, n, classes, certifier);
      merged.add(merge.merge(image, labels.get(merged.size()).label()).row());
    }
    trial.comparison().exact("merged table", text(c.file("expected")), written(merged));
  }

  /** Each flag with the values that follow it. */
  private static Map<String, List<String>> argv(JsonNode words) {
    Map<String, List<String>> argv = new LinkedHashMap<>();
    List<String> values = new ArrayList<>();
    for (JsonNode word : words) {
      if (word.asText().startsWith("--")) {
        values = argv.computeIfAbsent(word.asText(), flag -> new ArrayList<>());
      } else {
        values.add(word.asText());
      }
    }
    return argv;
  }

  private static String one(Map<String, List<String>> argv, String flag) {
    List<String> values = argv.getOrDefault(flag, List.of());
    if (values.size() != 1) {
      throw InputException.of("argv of the case has no %s", flag);
    }
    return values.get(0);
  }

  private static String written(List<ResultRow> rows) {
    try {
      Path file = Files.createTempFile("merged", ".txt");
      try {
        MergeResults.write(file, rows);
        return text(file);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new InputException("the temporary folder cannot be used: " + e.getMessage(), e);
    }
  }

  /** One character per byte. */
  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw InputException.unreadable(file, e);
    }
  }
}
