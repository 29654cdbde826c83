package io.densepure.pipeline;

import io.densepure.certify.Lane;
import io.densepure.certify.LaneScheduler;
import io.densepure.certify.Predictor;
import io.densepure.certify.SamplingPlan;
import io.densepure.certify.VoteBoard;
import io.densepure.compute.Device;
import io.densepure.data.Dataset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** PREDICT of Cohen et al. 2019 over some images. */
public final class PredictRun implements AutoCloseable {
  private final PredictRequest request;
  private final LanePipeline pipeline;
  private final Predictor predictor;

  /**
   * @param prediction the class, or {@link io.densepure.certify.Certificate#ABSTAIN}
   * @param topCount noisy copies whose majority is the most frequent class
   */
  public record Prediction(int image, int prediction, long topCount) {}

  private PredictRun(PredictRequest request, LanePipeline pipeline, Predictor predictor) {
    this.request = request;
    this.pipeline = pipeline;
    this.predictor = predictor;
  }

  /**
   * @throws io.densepure.InputException if anything about the request is wrong
   */
  public static PredictRun open(Device device, Setup setup, PredictRequest r, Dataset data) {
    setup.checkImages(r.images(), data);
    Predictor predictor = new Predictor(r.alpha());
    SmoothingNoise noise = new SmoothingNoise(r.sigma(), r.seed(), r.reverseSeeds());
    LanePipeline pipeline =
        LanePipeline.of(
            device,
            setup,
            data,
            noise,
            r.classifier(),
            r.denoising(),
            r.batch(),
            r.lanes(),
            r.dtype());
    return new PredictRun(r, pipeline, predictor);
  }

  /** The predictions, in the order of the images. */
  public List<Prediction> run(Consumer<LaneScheduler.Progress> progress) {
    // The estimation's samples are the n of PREDICT; the selection of CERTIFY is left out.
    SamplingPlan plan = new SamplingPlan(1, request.n(), request.reverseSeeds().size());
    List<Prediction> predictions = new ArrayList<>();
    LaneScheduler.Listener listener =
        new LaneScheduler.Listener() {
          @Override
          public void imageDone(VoteBoard board) {
            long[] counts = board.counts(Lane.Phase.ESTIMATION);
            long top = Arrays.stream(counts).max().orElse(0);
            predictions.add(new Prediction(board.image(), predictor.predict(counts), top));
          }

          @Override
          public void progress(LaneScheduler.Progress p) {
            progress.accept(p);
          }
        };
    new LaneScheduler(List.of(pipeline), PredictRun::estimationLanes)
        .run(request.images(), image -> new VoteBoard(image, plan, pipeline.classes()), listener);
    return predictions;
  }

  private static Iterator<Lane> estimationLanes(VoteBoard board) {
    SamplingPlan plan = board.plan();
    return IntStream.range(plan.position(Lane.Phase.ESTIMATION, 0), plan.lanes())
        .filter(p -> board.label(p) == VoteBoard.UNKNOWN)
        .mapToObj(p -> plan.lane(board.image(), p))
        .iterator();
  }

  @Override
  public void close() {
    pipeline.close();
  }
}
