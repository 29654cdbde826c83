package io.densepure.pipeline;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.DeviceException;
import io.densepure.InputException;
import io.densepure.certify.CertifiedImage;
import io.densepure.certify.Lane;
import io.densepure.certify.LaneClassifier;
import io.densepure.certify.LaneScheduler;
import io.densepure.certify.ResultFiles;
import io.densepure.certify.ResultRecorder;
import io.densepure.certify.RunHeader;
import io.densepure.certify.RunJournal;
import io.densepure.certify.ShardNote;
import io.densepure.certify.TargetDecisions;
import io.densepure.certify.VoteBoard;
import io.densepure.certify.VoteCertifier;
import io.densepure.certify.VotePolicy;
import io.densepure.certify.Workload;
import io.densepure.config.ClassifierConfig;
import io.densepure.data.Dataset;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Certifies images from start to end: loads the networks, runs all lanes, keeps the journal and
 * writes the results. Opened, then run once.
 */
public final class CertifyRun implements AutoCloseable {
  private final CertifyRequest request;
  private final Dataset data;
  private final LaneWorkers workers;
  private final Set<LaneClassifier> lost = ConcurrentHashMap.newKeySet();
  private final VoteCertifier certifier;
  private final LaneScheduler scheduler;
  private final TargetDecisions decisions;
  private final AtomicLong computed = new AtomicLong();
  private final FiniteLanes finite;
  private final SortedMap<Integer, Integer> notFinite = new TreeMap<>();
  private final RunJournal journal;
  private final Workload workload;
  private final Set<Integer> skipped = new LinkedHashSet<>();

  private CertifyRun(
      CertifyRequest request, Dataset data, LaneWorkers workers, RunJournal journal) {
    this.request = request;
    this.data = data;
    this.workers = workers;
    this.journal = journal;
    this.workload = request.workload();
    this.certifier = new VoteCertifier(request.sigma(), request.alpha());
    this.decisions =
        request.guarantee().isAdaptive()
            ? new TargetDecisions(request.guarantee().adaptive(certifier, request.plan().n()))
            : null;
    this.scheduler = new LaneScheduler(workers.all(), policy());
    this.finite = LanePipelines.finiteLanes(request.execution().dtype(), workers.inFlight());
  }

  private VotePolicy policy() {
    return workload.limit(request.sampling().policy(certifier, workers.inFlight()));
  }

  /**
   * Loads everything that the run needs, and opens its journal.
   *
   * @param versions what is noted in the journal about the program
   * @throws InputException if anything about the request is wrong; nothing has been written then
   */
  public static CertifyRun open(
      LaneEngine engine, Setup setup, CertifyRequest request, ObjectNode versions) {
    Dataset data = setup.dataset();
    LaneWorkers workers = engine.workers(setup, data, request);
    try {
      RunHeader header =
          new RunHeader(
                  describe(setup, request, data),
                  request.plan(),
                  workers.classes(),
                  versions,
                  shardNote(request))
              .withClassNames(data.classNames());
      return new CertifyRun(request, data, workers, RunJournal.open(request.journal(), header));
    } catch (RuntimeException e) {
      workers.close();
      throw e;
    }
  }

  /** Everything that the labels depend on; a journal refuses a run that differs in any of it. */
  private static ObjectNode describe(Setup setup, CertifyRequest request, Dataset data) {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.put("dataset", data.name());
    config.put("sigma", request.sigma());
    config.put("alpha", request.alpha());
    config.put("seed", request.seed());
    config.put("voting", request.exhaustive() ? "exhaustive" : "early");
    request.guarantee().describe(config);
    config.put("dtype", request.dtype().label());
    ClassifierConfig classifier = setup.config().classifier(request.classifier());
    config.put("classifier", classifier.name());
    config.put("classifier_weights", setup.fingerprint(classifier.checkpoint()));
    config.put("classifier_input", classifier.input().toString());
    if (request.denoising() != null) {
      config.put("denoising", request.denoising().toString());
      config.put("diffusion_weights", setup.fingerprint(setup.config().diffusion().checkpoint()));
      config.put("diffusion_model", setup.config().diffusion().model().toString());
      config.put("reverse_seeds", request.reverseSeeds().toString());
    }
    return config;
  }

  private static ShardNote shardNote(CertifyRequest request) {
    ShardRequest sharding = request.sharding();
    return sharding == null
        ? null
        : new ShardNote(
            sharding.shard(),
            request.images(),
            request.reverseSeeds(),
            request.votes(),
            sharding.command());
  }

  /** Images that an earlier, interrupted run of this configuration has finished. */
  public int finishedBefore() {
    return journal.finishedBefore().size();
  }

  /** Lanes of other images whose labels an earlier run has saved. */
  public long lanesBefore() {
    return journal.lanesBefore();
  }

  public Dataset data() {
    return data;
  }

  /** Denoisings of each noisy copy. */
  public int votes() {
    return request.plan().votes();
  }

  /** Calls of the diffusion network that one lane costs. */
  public int stepsPerLane() {
    return workers.stepsPerLane();
  }

  /** The pipeline of the first device of this machine that still works. */
  public LanePipeline pipeline() {
    return workers.all().stream()
        .filter(worker -> !lost.contains(worker))
        .filter(LanePipeline.class::isInstance)
        .map(LanePipeline.class::cast)
        .findFirst()
        .orElseThrow(() -> new DeviceException("no device is left"));
  }

  /** Lanes that this run has computed so far. */
  public long computed() {
    return computed.get();
  }

  /** How many lanes each device takes at once, one line a device. */
  public List<String> batches() {
    return workers.batches();
  }

  /**
   * Runs until all images are done or {@link #stop} is called.
   *
   * @param progress called after every batch
   * @param finished called with every image that is done, those of an earlier run included
   * @param warning called with a line when a device fails and the others go on, and when an image
   *     is left out
   * @return the results, in the order in which they were finished
   * @throws InputException if the networks give nothing but NaN and infinity
   */
  public List<CertifiedImage> run(
      Consumer<LaneScheduler.Progress> progress,
      Consumer<CertifiedImage> finished,
      Consumer<String> warning) {
    try (ResultFiles files = new ResultFiles(request.outfile(), request.votes())) {
      ResultRecorder recorder =
          new ResultRecorder(
              journal, workload, request.sampling().certificates(certifier), data::label, files);
      recorder.results().forEach(finished);
      recorder.results().forEach(image -> note(image.index(), image.notFinite()));
      if (decisions != null) {
        recorder.results().forEach(image -> decisions.add(journal.votes(image.index())));
      }
      scheduler.run(
          recorder.remaining(),
          image -> isReadable(image, warning) ? journal.board(image) : null,
          listener(recorder, progress, finished, warning));
      finite.requireSome();
      return recorder.results();
    }
  }

  /** Decodes the image when its turn comes, so that a damaged one is told of by its number. */
  private boolean isReadable(int image, Consumer<String> warning) {
    try {
      data.image(image);
      return true;
    } catch (InputException e) {
      if (!request.skipBad()) {
        throw new InputException(
            "image %d: %s; --skip-bad leaves such images out".formatted(image, e.getMessage()), e);
      }
      skipped.add(image);
      journal.leaveOut(image);
      warning.accept("image " + image + " is left out: " + e.getMessage());
      return false;
    }
  }

  /** What is known about the target radii so far; null for a run without any. */
  public TargetDecisions decisions() {
    return decisions;
  }

  private void note(int image, int lanes) {
    if (lanes > 0) {
      notFinite.put(image, lanes);
    }
  }

  /** Images with lanes whose networks gave NaN or infinity, and how many those are. */
  public SortedMap<Integer, Integer> notFinite() {
    return Collections.unmodifiableSortedMap(notFinite);
  }

  /** Images that could not be read and were left out. */
  public int skipped() {
    return skipped.size();
  }

  /** Lanes of the images that were left out. */
  public long skippedLanes() {
    return skipped.stream().mapToLong(image -> workload.part(image).lanes()).sum();
  }

  private LaneScheduler.Listener listener(
      ResultRecorder recorder,
      Consumer<LaneScheduler.Progress> progress,
      Consumer<CertifiedImage> finished,
      Consumer<String> warning) {
    return new LaneScheduler.Listener() {
      @Override
      public void lanesDone(List<Lane> lanes, int[] labels, double seconds) {
        computed.addAndGet(lanes.size());
        recorder.lanesDone(lanes, labels, seconds);
        finite.add(labels);
      }

      @Override
      public void imageDone(VoteBoard board) {
        int before = recorder.results().size();
        recorder.imageDone(board);
        note(board.image(), board.notFinite());
        recorder
            .results()
            .subList(before, recorder.results().size())
            .forEach(
                result -> {
                  if (decisions != null) {
                    decisions.add(board);
                  }
                  finished.accept(result);
                });
      }

      @Override
      public void deviceLost(LaneClassifier device, DeviceException why) {
        lost.add(device);
        warning.accept(workers.farewell(device, why));
      }

      @Override
      public void progress(LaneScheduler.Progress p) {
        progress.accept(p);
      }
    };
  }

  /** Ends the run after the batch in progress, and saves what has come in; from any thread. */
  public void stop() {
    scheduler.stop();
    journal.save();
  }

  @Override
  public void close() {
    journal.close();
    workers.close();
  }
}
