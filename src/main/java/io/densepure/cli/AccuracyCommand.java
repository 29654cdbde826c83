package io.densepure.cli;

import io.densepure.InputException;
import io.densepure.certify.CertifiedAccuracy;
import io.densepure.certify.ResultRow;
import io.densepure.report.AccuracyTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code accuracy}: certified accuracy of finished runs ({@code compute_accuracy.py}). */
@Command(
    name = "accuracy",
    sortOptions = false,
    description = {
      "Certified accuracy at radii, abstention and average certified radius (ACR) of one or more"
          + " tables of results, of this program or of the original."
    },
    footer = {
      "",
      "Example:",
      "  densepure accuracy results/a results/b --radii 0,0.5,1 --format markdown"
    })
final class AccuracyCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "TABLE", description = "Tables of results, one per run.")
  private List<Path> tables;

  @Option(
      names = "--radii",
      split = ",",
      paramLabel = "R",
      defaultValue = "0,0.25,0.5,0.75,1.0",
      description = "L2 radii, separated by commas. Default: ${DEFAULT-VALUE}.")
  private List<Double> radii;

  @Option(
      names = "--format",
      paramLabel = "F",
      defaultValue = "text",
      description = "text, csv, markdown or json. Default: ${DEFAULT-VALUE}.")
  private String format;

  @Option(names = "--json", description = "The same as --format json.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    for (double radius : radii) {
      if (!(radius >= 0) || Double.isInfinite(radius)) {
        throw InputException.of("--radii: %s is no radius; radii are 0 or more", radius);
      }
    }
    AccuracyTable.Format asked = json ? AccuracyTable.Format.JSON : parse(format);
    List<AccuracyTable.Run> runs = new ArrayList<>();
    for (Path table : tables) {
      List<ResultRow> rows = ResultRow.read(table);
      if (rows.isEmpty()) {
        throw InputException.of("%s: has no results yet", table);
      }
      runs.add(new AccuracyTable.Run(table.toString(), new CertifiedAccuracy(rows)));
    }
    spec.commandLine().getOut().print(new AccuracyTable(runs, radii).render(asked));
    spec.commandLine().getOut().flush();
    return 0;
  }

  private static AccuracyTable.Format parse(String name) {
    for (AccuracyTable.Format format : AccuracyTable.Format.values()) {
      if (format.name().equalsIgnoreCase(name)) {
        return format;
      }
    }
    throw InputException.of("--format: '%s' is none of text, csv, markdown, json", name);
  }
}
