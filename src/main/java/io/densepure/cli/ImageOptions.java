package io.densepure.cli;

import io.densepure.InputException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Which images of the data set a run certifies. */
@HelpSection.In(HelpSection.IMAGES)
final class ImageOptions {
  private static final int ALL = -1;

  /** What the original takes with --use_id alone. */
  private static final List<Integer> FIRST = List.of(0);

  @Option(
      names = {"--ids", "--sample_id"},
      paramLabel = "I",
      arity = "1..*",
      split = ",",
      description = "Images by index, in this order.")
  private List<Integer> ids;

  @Option(
      names = "--skip",
      paramLabel = "S",
      defaultValue = "100",
      description = "Without --ids: every S-th image. Default: 100.")
  private int skip;

  @Option(
      names = "--max",
      paramLabel = "M",
      defaultValue = "-1",
      description =
          "Without --ids: stop at image index M if that is one of the S-th ones (as the original)."
              + " Default: -1, go to the end.")
  private int max;

  @Option(
      names = "--skip-bad",
      description =
          "Leave images out whose files are missing or damaged, and say so. By default the first"
              + " one ends the run.")
  boolean skipBad;

  @HelpSection.In(HelpSection.ORIGINAL)
  @Option(
      names = "--use_id",
      description = "Take --sample_id, as is done whenever that is given; alone: image 0.")
  private boolean useId;

  /** The images asked for; as the original: every skip-th index, until one equals max. */
  List<Integer> of(int size) {
    if (ids != null || useId) {
      return ids != null ? ids : FIRST;
    }
    if (skip < 1) {
      throw InputException.of("--skip must be at least 1, not %d", skip);
    }
    if (max < ALL) {
      throw InputException.of("--max must be -1 or an image index, not %d", max);
    }
    List<Integer> chosen = new ArrayList<>();
    for (int i = 0; i < size && i != max; i += skip) {
      chosen.add(i);
    }
    return chosen;
  }
}
