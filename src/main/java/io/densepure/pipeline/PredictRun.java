package io.densepure.pipeline;

import io.densepure.DeviceException;
import io.densepure.certify.Certificate;
import io.densepure.certify.Lane;
import io.densepure.certify.LaneClassifier;
import io.densepure.certify.LaneScheduler;
import io.densepure.certify.Predictor;
import io.densepure.certify.SamplingPlan;
import io.densepure.certify.VoteBoard;
import io.densepure.certify.VotePolicy;
import io.densepure.data.Dataset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** PREDICT of Cohen et al. 2019 over some images. */
public final class PredictRun implements AutoCloseable {
  private final PredictRequest request;
  private final LanePipelines pipelines;
  private final Tally tally;

  /** Every lane of the estimation, and none of the selection. */
  static final VotePolicy POLICY = PredictRun::estimationLanes;

  /**
   * @param prediction the class, or {@link io.densepure.certify.Certificate#ABSTAIN}
   * @param topCount noisy copies whose majority is the most frequent class
   * @param notFinite lanes whose networks gave NaN or infinity: votes for none of the classes
   */
  public record Prediction(int image, int prediction, long topCount, int notFinite) {}

  private PredictRun(PredictRequest request, LanePipelines pipelines, Tally tally) {
    this.request = request;
    this.pipelines = pipelines;
    this.tally = tally;
  }

  /**
   * @throws io.densepure.InputException if anything about the request is wrong
   */
  public static PredictRun open(Devices devices, Setup setup, PredictRequest r, Dataset data) {
    setup.checkImages(r.images(), data);
    Tally tally = new Tally(r.alpha()); // checks it before anything is loaded
    LaneWork work =
        LaneWork.load(
            setup, data, r.noise(), null, r.classifier(), r.denoising(), r.execution().dtype());
    LanePipelines pipelines = new LanePipelines(devices, work, r.execution().batch(), r.lanes());
    return new PredictRun(r, pipelines, tally);
  }

  /** How many lanes each device takes at once, one line a device. */
  public List<String> batches() {
    return pipelines.batches();
  }

  /**
   * The predictions, in the order of the images.
   *
   * @param progress called after every batch
   * @param warning called with a line when a device fails and the others go on
   * @throws io.densepure.InputException if the networks give nothing but NaN and infinity
   */
  public List<Prediction> run(Consumer<LaneScheduler.Progress> progress, Consumer<String> warning) {
    SamplingPlan plan = plan(request.n(), request.noise().reverseSeeds().size());
    FiniteLanes finite = pipelines.finiteLanes(request.execution().dtype());
    LaneScheduler.Listener listener =
        new LaneScheduler.Listener() {
          @Override
          public void lanesDone(List<Lane> lanes, int[] labels, double seconds) {
            finite.add(labels);
          }

          @Override
          public void imageDone(VoteBoard board) {
            tally.add(board);
          }

          @Override
          public void deviceLost(LaneClassifier device, DeviceException why) {
            warning.accept(pipelines.farewell(device, why));
          }

          @Override
          public void progress(LaneScheduler.Progress p) {
            progress.accept(p);
          }
        };
    new LaneScheduler(pipelines.all(), POLICY)
        .run(request.images(), image -> new VoteBoard(image, plan, pipelines.classes()), listener);
    finite.requireSome();
    return tally.predictions();
  }

  /**
   * The estimation's samples are the {@code n} of PREDICT; the selection of CERTIFY is left out.
   */
  static SamplingPlan plan(int n, int votes) {
    return new SamplingPlan(1, n, votes);
  }

  /** The predictions of the images whose lanes are done. */
  static final class Tally {
    private final Predictor predictor;
    private final List<Prediction> predictions = new ArrayList<>();

    /**
     * @throws io.densepure.InputException if alpha is out of range
     */
    Tally(double alpha) {
      predictor = new Predictor(alpha);
    }

    /** A copy without a finite result counts like one of a class more, which is no prediction. */
    void add(VoteBoard board) {
      long[] counts = board.counts(Lane.Phase.ESTIMATION);
      long top = Arrays.stream(counts).max().orElse(0);
      long[] withNone = Arrays.copyOf(counts, counts.length + 1);
      withNone[counts.length] = board.plan().n() - Arrays.stream(counts).sum();
      int predicted = predictor.predict(withNone);
      predictions.add(
          new Prediction(
              board.image(),
              predicted == counts.length ? Certificate.ABSTAIN : predicted,
              top,
              board.notFinite()));
    }

    List<Prediction> predictions() {
      return predictions;
    }
  }

  private static VotePolicy.Lanes estimationLanes(VoteBoard board) {
    SamplingPlan plan = board.plan();
    return VotePolicy.Lanes.of(
        IntStream.range(plan.position(Lane.Phase.ESTIMATION, 0), plan.lanes())
            .filter(p -> board.label(p) == VoteBoard.UNKNOWN)
            .mapToObj(p -> plan.lane(board.image(), p))
            .iterator());
  }

  @Override
  public void close() {
    pipelines.close();
  }
}
