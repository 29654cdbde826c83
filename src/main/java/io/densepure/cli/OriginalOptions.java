package io.densepure.cli;

import io.densepure.InputException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import picocli.CommandLine.Option;

/**
 * Flags of the original's eval_certified_densepure.py that change no result: taken so that its
 * scripts run as they are. Two of them say where a log goes; the others have no effect, and {@link
 * #sayWhatHasNoEffect} says so.
 */
@HelpSection.In(HelpSection.ORIGINAL)
final class OriginalOptions {
  /** The norms that the original prints; it certifies L2 under either name. */
  enum Norm {
    Linf,
    L2
  }

  private static final Set<String> LEVELS =
      Set.of("debug", "info", "warn", "warning", "error", "critical", "fatal", "notset");

  @Option(
      names = "--exp",
      paramLabel = "DIR",
      description =
          "With --exp or -i the run's lines are also written to DIR/FOLDER/seedSEED/log.txt."
              + " Default: exp.")
  private Path exp;

  @Option(
      names = {"-i", "--image_folder"},
      paramLabel = "FOLDER",
      description = "See --exp. Default: images.")
  private Path imageFolder;

  @Option(
      names = "--verbose",
      paramLabel = "LEVEL",
      description = "debug, info, warning, error or critical. No effect.")
  private String verbose;

  @Option(
      names = "--lp_norm",
      paramLabel = "NORM",
      description = "Linf or L2. No effect: every certificate is in L2.")
  private Norm lpNorm;

  @Option(
      names = "--vit_batch",
      paramLabel = "N",
      description = "No effect: the classifier takes the batch as it is; see --batch.")
  private Integer vitBatch;

  @Option(names = "--use_parallel", description = "No effect; see --devices.")
  private boolean useParallel;

  @Option(names = "--data_seed", paramLabel = "SEED", description = "No effect.")
  private Long dataSeed;

  @Option(names = "--score_type", paramLabel = "TYPE", description = "No effect.")
  private String scoreType;

  @Option(names = "--classifier_name", paramLabel = "NAME", description = "No effect.")
  private String classifierName;

  @Option(names = "--partition", paramLabel = "NAME", description = "No effect.")
  private String partition;

  @Option(names = "--save_info", description = "No effect.")
  private boolean saveInfo;

  /**
   * @throws InputException if a value is one that the original refuses, too
   */
  void check() {
    if (verbose != null && !LEVELS.contains(verbose.toLowerCase(Locale.ROOT))) {
      throw InputException.of(
          "--verbose: %s is none of debug, info, warning, error, critical",
          InputException.quote(verbose));
    }
  }

  /** Says in one line which of the given flags have no effect. */
  void sayWhatHasNoEffect(PrintStream err) {
    Map<String, Object> flags = new LinkedHashMap<>();
    flags.put("--verbose", verbose);
    flags.put("--lp_norm", lpNorm);
    flags.put("--vit_batch", vitBatch);
    flags.put("--use_parallel", useParallel ? true : null);
    flags.put("--data_seed", dataSeed);
    flags.put("--score_type", scoreType);
    flags.put("--classifier_name", classifierName);
    flags.put("--partition", partition);
    flags.put("--save_info", saveInfo ? true : null);
    flags.values().removeIf(Objects::isNull);
    if (!flags.isEmpty()) {
      err.println("Without effect: " + String.join(", ", flags.keySet()));
    }
  }

  /** Where the original writes its log, or null if neither flag asks for it. */
  Path log(long seed) {
    if (exp == null && imageFolder == null) {
      return null;
    }
    return (exp == null ? Path.of("exp") : exp)
        .resolve(imageFolder == null ? Path.of("images") : imageFolder)
        .resolve("seed" + seed)
        .resolve("log.txt");
  }
}
