package io.densepure.cli;

import io.densepure.InputException;
import io.densepure.pipeline.CertifyRequest;
import io.densepure.report.FinishedRun;
import io.densepure.report.ReportPage;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** What {@code certify} leaves to look at. */
@HelpSection.In(HelpSection.OUTPUT)
final class ReportOptions {
  private static final String DEFAULT_PICTURES = "20";

  @Option(
      names = "--pictures",
      arity = "0..1",
      paramLabel = "M",
      defaultValue = "0",
      fallbackValue = DEFAULT_PICTURES,
      description =
          "Save pictures of the first M images (20 if there is no number) in a folder beside the"
              + " table: the image, its first noisy copy, and what up to "
              + RunPictures.MAX_VOTES
              + " votes made of it. 'report' shows them.")
  private int pictures;

  @Option(
      names = "--report",
      description = "Write the page of 'report' beside the table when the run has ended.")
  private boolean report;

  boolean takesPictures() {
    return pictures > 0;
  }

  /**
   * @throws InputException if the number of pictures is negative
   */
  void check() {
    if (pictures < 0) {
      throw InputException.of("--pictures must be at least 0, not %d", pictures);
    }
  }

  /**
   * Saves the pictures of a run that has ended.
   *
   * @throws InputException if there is something to leave and the run is a shard
   */
  CertifySession.Inspector inspector(CertifyRequest request) {
    if (request.sharding() != null && (report || pictures > 0)) {
      throw new InputException(
          "--pictures and --report take a whole run; 'report' reads the merged shards");
    }
    return (run, results) -> {
      if (pictures > 0) {
        RunPictures.save(run, request, results, pictures);
      }
    };
  }

  /** Writes the page about all runs of this command, if it was asked for. */
  void write(Path outfile, List<ResultTable> tables, PrintStream err) {
    if (!report) {
      return;
    }
    Path page = outfile.resolveSibling(outfile.getFileName() + ".html");
    writePage("Certified robustness", page, tables);
    err.println("Report: " + page);
  }

  /** Writes a page about several runs, named after their methods. */
  static void writePage(String title, Path page, List<ResultTable> tables) {
    List<FinishedRun> runs =
        tables.stream()
            .map(t -> FinishedRun.of(MethodNames.plain(t.title()), t.request().outfile()))
            .toList();
    new ReportPage(title, runs, List.of(), Version.text()).write(page);
  }
}
