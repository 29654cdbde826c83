package io.densepure.cli;

import io.densepure.InputException;
import io.densepure.certify.CertifiedAccuracy;
import io.densepure.certify.FewerVotes;
import io.densepure.certify.RunRecord;
import io.densepure.report.AccuracyPlot;
import io.densepure.report.ChartFile;
import io.densepure.report.RunMethod;
import io.densepure.report.StepsPlot;
import io.densepure.report.VotesPlot;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code plot}: the figures of the paper ({@code certification_pic.py}). */
@Command(
    name = "plot",
    sortOptions = false,
    description = {
      "Figures of finished runs, as in the paper: certified accuracy against radius, against the"
          + " number of votes or for numbers of reverse steps. Takes tables of results, of this"
          + " program or of the original, and journals."
    },
    footer = {
      "",
      "Examples:",
      "  densepure plot DensePure=results/a_diffpure one-shot=results/b_diffpure --out fig.pdf",
      "  densepure plot results/a_diffpure --by votes --radii 0,0.25,0.5 --out votes.svg",
      "  densepure plot 1=merged_1.txt 10=merged_10.txt 40=merged_40.txt --by votes --out v.png",
      "  densepure plot 1=b1.txt 3=b3.txt 10=b10.txt --by steps --out steps.png"
    })
final class PlotCommand implements Callable<Integer> {
  /** What the accuracy is drawn against. */
  enum Axis {
    radius,
    votes,
    steps
  }

  @Parameters(
      arity = "1..*",
      paramLabel = "[LABEL=]RUN",
      converter = NamedFile.Converter.class,
      description =
          "Tables of results or journals. With --by votes or steps the label is the number of"
              + " votes or steps; without labels, a journal tells both. From vote files 'recertify' or"
              + " 'merge' makes the table for each number of votes.")
  private List<NamedFile> runs;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The figure: .svg, .pdf or .png.")
  private Path out;

  @Option(
      names = "--by",
      paramLabel = "AXIS",
      defaultValue = "radius",
      description = "radius, votes or steps. Default: ${DEFAULT-VALUE}.")
  private Axis by;

  @Option(names = "--title", paramLabel = "TEXT", defaultValue = "", description = "Over the plot.")
  private String title;

  @Option(
      names = "--radii",
      split = ",",
      paramLabel = "R",
      defaultValue = "0,0.25,0.5,0.75",
      description = "L2 radii for --by votes and steps. Default: ${DEFAULT-VALUE}.")
  private List<Double> radii;

  @Option(
      names = "--votes",
      split = ",",
      paramLabel = "K",
      description =
          "Numbers of votes at which --by votes certifies a journal anew. Default: those of the"
              + " paper's figure, up to the run's own.")
  private List<Integer> votes;

  @Option(
      names = "--max-radius",
      paramLabel = "R",
      description = "Right end of the axis. Default: a little beyond the largest radius.")
  private Double maxRadius;

  @Option(
      names = "--confidence",
      paramLabel = "C",
      description =
          "Draw bands: the Clopper-Pearson intervals that cover the accuracy over all images with"
              + " probability C, as 0.95. Not for --by steps.")
  private Double confidence;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    RadiiCheck.check(radii);
    ChartFile.check(out);
    if (maxRadius != null && !(maxRadius > 0 && maxRadius < Double.POSITIVE_INFINITY)) {
      throw InputException.of("--max-radius must be positive, not %s", maxRadius);
    }
    if (by == Axis.steps && confidence != null) {
      throw new InputException("--confidence draws no bands on bars; 'accuracy' prints intervals");
    }
    switch (by) {
      case radius -> {
        List<AccuracyPlot.Curve> curves = runs.stream().map(PlotCommand::curve).toList();
        new AccuracyPlot(title, curves, maxRadius, confidence).write(out);
      }
      case votes -> new VotesPlot(title, byVotes(), radii, confidence).write(out);
      case steps -> new StepsPlot(title, bySteps(), radii).write(out);
    }
    spec.commandLine().getOut().println("Written to " + out);
    spec.commandLine().getOut().flush();
    return 0;
  }

  private static AccuracyPlot.Curve curve(NamedFile run) {
    RunMethod method = run.run().method();
    boolean oneShot =
        method.name().isEmpty()
            ? run.name().matches("(?i).*(carlini|one.?shot|1.?step).*")
            : method.oneShot();
    return new AccuracyPlot.Curve(run.name(), run.accuracy(), oneShot);
  }

  private SortedMap<Integer, CertifiedAccuracy> byVotes() {
    if (runs.size() == 1 && runs.get(0).number() == null) {
      return recertified(runs.get(0));
    }
    SortedMap<Integer, CertifiedAccuracy> byVotes = new TreeMap<>();
    for (NamedFile run : runs) {
      put(byVotes, run.number(), run, "votes");
    }
    return byVotes;
  }

  private SortedMap<Integer, CertifiedAccuracy> recertified(NamedFile run) {
    try (RunRecord record = run.run().open()) {
      if (record.images().isEmpty()) {
        throw InputException.of("%s: has no results yet", run.file());
      }
      if ("early".equals(record.header().config().path("voting").asText())) {
        spec.commandLine()
            .getErr()
            .println(
                "The run left votes out that its own K made needless, so accuracies with fewer votes"
                    + " may be drawn too low; 'certify --exhaustive' casts them all");
        spec.commandLine().getErr().flush();
      }
      int all = record.header().plan().votes();
      SortedMap<Integer, CertifiedAccuracy> byVotes = new TreeMap<>();
      FewerVotes.certify(record, counts(all))
          .forEach((k, rows) -> byVotes.put(k, new CertifiedAccuracy(rows)));
      return byVotes;
    }
  }

  private SortedSet<Integer> counts(int all) {
    if (votes != null) {
      return new TreeSet<>(votes);
    }
    SortedSet<Integer> counts = new TreeSet<>(List.of(1, 3, 5, 7, 10, 20, 30, 40, 50));
    counts.removeIf(k -> k > all);
    counts.add(all);
    return counts;
  }

  private SortedMap<Integer, CertifiedAccuracy> bySteps() {
    SortedMap<Integer, CertifiedAccuracy> bySteps = new TreeMap<>();
    for (NamedFile run : runs) {
      Integer steps = run.number() != null ? run.number() : run.run().method().steps();
      put(bySteps, steps, run, "steps");
    }
    return bySteps;
  }

  private static void put(
      SortedMap<Integer, CertifiedAccuracy> map, Integer key, NamedFile run, String what) {
    if (key == null) {
      throw InputException.of(
          "%s: with --by %s its label must be the number of %s, as in 10=%s",
          run.name(), what, what, run.file());
    }
    if (map.put(key, run.accuracy()) != null) {
      throw InputException.of("%s: there are two runs with %d %s", run.file(), key, what);
    }
  }
}
