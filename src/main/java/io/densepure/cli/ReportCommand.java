package io.densepure.cli;

import io.densepure.InputException;
import io.densepure.report.FinishedRun;
import io.densepure.report.ReportPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code report}: one page with everything about a run, or several side by side. */
@Command(
    name = "report",
    sortOptions = false,
    description = {
      "One HTML page about a run or several: configuration, accuracy, curves, and every image with"
          + " its votes. It holds everything and loads nothing, so it can be kept and sent. Takes"
          + " journals and tables of results, of this program or of the original; pictures that"
          + " 'certify --pictures' saved are in it."
    },
    footer = {
      "",
      "Examples:",
      "  densepure report results/test5000_diffpure --out report.html",
      "  densepure report DensePure=results/a one-shot=results/b --title 'CIFAR-10, 0.25'"
    })
final class ReportCommand implements Callable<Integer> {
  @Parameters(
      arity = "1..*",
      paramLabel = "[LABEL=]RUN",
      converter = NamedFile.Converter.class,
      description = "Tables of results, with or without their journals, or journals.")
  private List<NamedFile> runs;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      defaultValue = "report.html",
      description = "The page. Default: ${DEFAULT-VALUE}.")
  private Path out;

  @Option(
      names = "--title",
      paramLabel = "TEXT",
      defaultValue = "Certified robustness",
      description = "Of the page. Default: ${DEFAULT-VALUE}.")
  private String title;

  @Option(
      names = "--class-names",
      paramLabel = "FILE",
      description =
          "A text file with the name of each class, one a line. Default: as in a journal.")
  private Path classNames;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    List<FinishedRun> read = runs.stream().map(NamedFile::run).toList();
    new ReportPage(title, read, names(), Version.text()).write(out);
    spec.commandLine().getOut().println("Written to " + out);
    spec.commandLine().getOut().flush();
    return 0;
  }

  private List<String> names() {
    if (classNames == null) {
      return List.of();
    }
    try {
      return Files.readAllLines(classNames);
    } catch (IOException e) {
      throw InputException.unreadable(classNames, e);
    }
  }
}
