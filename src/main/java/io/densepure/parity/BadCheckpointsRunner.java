package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.InputException;
import io.densepure.convert.CheckpointReader;
import io.densepure.convert.CheckpointWeights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Damaged and hostile checkpoints. {@code bad.json} says of each what a safe reader does: most must
 * be refused, some may be read if nothing else comes of it. Either way there is no other exception,
 * and no code of theirs runs.
 */
final class BadCheckpointsRunner implements CaseRunner {
  /** Expectations that leave no choice begin so. */
  private static final Pattern MUST_REFUSE =
      Pattern.compile("(must|should) be rejected.*|reject( \\(.*|$)");

  /** A file that a payload would leave behind. */
  private static final Pattern MARKER = Pattern.compile("/tmp/[A-Za-z0-9_]+");

  @Override
  public boolean handles(GoldenCase c) {
    return c.has("dir") && c.has("json") && c.group().equals("checkpoints");
  }

  @Override
  public void run(Trial trial) {
    GoldenCase c = trial.golden();
    Path folder = c.file("dir");
    JsonNode list = c.json("json");
    int count = c.config().path("count").asInt(list.size());
    trial.comparison().exact("number of files", count, list.size());
    for (JsonNode entry : list) {
      String name = entry.path("file").asText();
      Path file = folder.resolve(name);
      if (!Files.exists(file)) {
        throw InputException.of("%s: no such file", file);
      }
      judge(name, file, entry, trial.comparison());
    }
  }

  private static void judge(String name, Path file, JsonNode entry, Comparison comparison) {
    String expectation = entry.path("expect").asText();
    Matcher marker = MARKER.matcher(entry.toString());
    Path trace = marker.find() ? Path.of(marker.group()) : null;
    boolean untouched = trace == null || !Files.exists(trace);
    String problem = read(file, MUST_REFUSE.matcher(expectation).matches());
    comparison.check(name, problem.isEmpty(), problem + "; expected: " + expectation);
    if (trace != null && untouched) {
      comparison.check(name + " payload", !Files.exists(trace), "left " + trace + " behind");
    }
  }

  /** Reads everything in the file; what is wrong with how that went, or empty. */
  private static String read(Path file, boolean mustRefuse) {
    try {
      CheckpointWeights weights = CheckpointReader.open(file).all();
      weights.keys().forEach(weights::get);
      return mustRefuse ? "was read" : "";
    } catch (InputException e) {
      boolean oneLine =
          e.getMessage().startsWith(file.toString()) && !e.getMessage().contains("\n");
      return oneLine ? "" : "was refused without naming the file in one line: " + e.getMessage();
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      return "ended with " + e;
    }
  }
}
