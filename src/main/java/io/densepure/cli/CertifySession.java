package io.densepure.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.DeviceException;
import io.densepure.InputException;
import io.densepure.certify.CertifiedImage;
import io.densepure.pipeline.CertifyRequest;
import io.densepure.pipeline.CertifyRun;
import io.densepure.pipeline.LaneEngine;
import io.densepure.pipeline.Setup;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs certification requests with progress on stderr; Ctrl-C saves what is done. Keeps the results
 * for the table or the JSON at the end.
 */
final class CertifySession {
  private final LaneEngine engine;
  private final Setup setup;
  private final boolean json;
  private final PrintStream out;
  private final PrintStream err;
  private final List<ResultTable> tables = new ArrayList<>();
  private final List<ShardResult> shards = new ArrayList<>();

  /**
   * @param json whether {@link #print} prints JSON
   * @param log where everything but the progress goes
   */
  CertifySession(LaneEngine engine, Setup setup, boolean json, RunLog log) {
    this.engine = engine;
    this.setup = setup;
    this.json = json;
    this.out = log.out();
    this.err = log.err();
    engine.descriptions().forEach(device -> err.println("Device: " + device));
  }

  /** Results and the pipeline that made them, for pictures. */
  interface Inspector {
    void look(CertifyRun run, List<CertifiedImage> results);
  }

  List<CertifiedImage> run(CertifyRequest request) {
    return run(request, (run, results) -> {});
  }

  List<CertifiedImage> run(CertifyRequest request, Inspector inspector) {
    try (CertifyRun run = CertifyRun.open(engine, setup, request, versions())) {
      announce(request, run);
      List<CertifiedImage> results;
      try (Interruption onCtrlC = new Interruption(run::stop, () -> sayHowToGoOn(request));
          ProgressReporter bar = new ProgressReporter("certify", "lanes", request.lanes())) {
        Tally tally = new Tally();
        results =
            run.run(
                p -> bar.update(p.lanesDone(), p.lanesTotal(), tally.text()),
                tally::add,
                warning -> err.printf("%n%s%n", warning));
      } catch (DeviceException e) {
        throw resumable(e, request);
      }
      sayWhatWasSaved(request, run);
      sayWhatWasLeftOut(run);
      NotFiniteLanes.warn(err, run.notFinite(), request.plan().lanes(), request.dtype());
      if (results.isEmpty() && run.skipped() > 0 && request.sharding() == null) {
        throw new InputException("none of the images could be read");
      }
      if (request.sharding() == null) {
        tables.add(
            new ResultTable(
                MethodNames.of(request),
                request,
                run.data().classNames(),
                results,
                targets(request, run)));
      } else {
        shards.add(new ShardResult(MethodNames.of(request), request, results.size()));
      }
      inspector.look(run, results);
      return results;
    }
  }

  private static TargetReport targets(CertifyRequest request, CertifyRun run) {
    return run.decisions() == null ? null : new TargetReport(run.decisions(), request.plan().n());
  }

  private void announce(CertifyRequest r, CertifyRun run) {
    int before = run.finishedBefore();
    int steps = run.stepsPerLane();
    err.printf(
        "%s: %d images of %s, sigma %s, N0 %d, N %d, %d vote%s: %,d lanes%s%n",
        MethodNames.of(r),
        r.workload().images().size(),
        run.data().name(),
        r.sigma(),
        r.plan().n0(),
        r.plan().n(),
        r.plan().votes(),
        r.plan().votes() == 1 ? "" : "s",
        r.lanes(),
        steps == 0 ? "" : " of %,d denoising step%s".formatted(steps, steps == 1 ? "" : "s"));
    if (r.sharding() != null) {
      err.printf("Shard %s: %s%n", r.sharding().shard(), r.workload().range());
    }
    run.batches().forEach(err::println);
    if (before > 0 || run.lanesBefore() > 0) {
      err.printf(
          "Going on where an earlier run ended: %d images are done%s (%s)%n",
          before,
          run.lanesBefore() == 0 ? "" : ", and %,d lanes of others".formatted(run.lanesBefore()),
          r.journal());
    }
  }

  private void sayWhatWasSaved(CertifyRequest request, CertifyRun run) {
    long lanes = request.lanes() - run.skippedLanes();
    if (run.lanesBefore() > 0) {
      err.printf(
          "Computed %,d lanes; %,d were saved by an earlier run%n",
          run.computed(), run.lanesBefore());
    } else if (!request.exhaustive() && run.finishedBefore() == 0 && run.computed() < lanes) {
      err.printf(
          "Computed %,d of %,d lanes; the others could not change a result%n",
          run.computed(), lanes);
    }
  }

  private void sayWhatWasLeftOut(CertifyRun run) {
    if (run.skipped() > 0) {
      err.printf(
          "%d image%s could not be read and %s left out%n",
          run.skipped(), run.skipped() == 1 ? "" : "s", run.skipped() == 1 ? "was" : "were");
    }
  }

  private void sayHowToGoOn(CertifyRequest request) {
    err.printf(
        "%nInterrupted; everything so far is in %s. Give the same command to go on.%n",
        request.journal());
  }

  private static DeviceException resumable(DeviceException e, CertifyRequest request) {
    return new DeviceException(
        "%s. Everything so far is in %s; the same command goes on from there"
            .formatted(e.getMessage(), request.journal()),
        e);
  }

  private ObjectNode versions() {
    ObjectNode versions = JsonNodeFactory.instance.objectNode();
    return versions
        .put("densepure", Version.text())
        .put("java", System.getProperty("java.version"))
        .put("device", engine.description());
  }

  /** Prints all results on stdout. */
  void print() {
    if (json) {
      ObjectNode all = JsonNodeFactory.instance.objectNode();
      tables.forEach(t -> all.withArray("runs").add(t.toJson()));
      shards.forEach(s -> all.withArray("shards").add(s.toJson()));
      out.println(all.toPrettyString());
    } else {
      tables.forEach(t -> t.print(out));
      shards.forEach(s -> s.print(out));
    }
  }

  List<ResultTable> tables() {
    return tables;
  }

  /** What the progress line says about the images so far. */
  private static final class Tally {
    private int images;
    private int correct;

    synchronized void add(CertifiedImage image) {
      images++;
      correct += image.certificate().prediction() == image.label() ? 1 : 0;
    }

    synchronized String text() {
      return images
          + " image"
          + (images == 1 ? "" : "s")
          + " done, "
          + correct
          + " certified right";
    }
  }
}
