package io.densepure.pipeline;

import io.densepure.DeviceException;
import io.densepure.certify.Certificate;
import io.densepure.certify.CertifiedImage;
import io.densepure.certify.Lane;
import io.densepure.certify.LaneClassifier;
import io.densepure.certify.LaneScheduler;
import io.densepure.certify.SamplingPlan;
import io.densepure.certify.VoteBoard;
import io.densepure.certify.VoteCertifier;
import io.densepure.certify.VotePolicy;
import io.densepure.compute.DType;
import io.densepure.compute.Shape;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;

/**
 * Certifies images that are in memory, with a classifier of the caller's, and writes nothing. The
 * programs are recorded once and serve any number of images. Results are those of a {@link
 * CertifyRun} with the same noise and the same classifier. For one thread.
 */
public final class InMemoryRun implements AutoCloseable {
  private final Shape image; // [C, H, W]
  private final CertifyRequest.Sampling sampling;
  private final VoteCertifier certifier;
  private final Consumer<String> warning;
  private final DType dtype;
  private final LanePipelines pipelines;
  private ImageLoader images; // of the call in progress

  /**
   * Records the programs of every device and asks the classifier about a first batch.
   *
   * @param denoising null for the bare classifier under smoothing
   * @param image shape of the images, {@code [C, H, W]}
   * @param noise with as many reverse seeds as {@code sampling} has votes
   * @param warning told in a line when a device fails and the others go on, and of images with
   *     lanes that are NaN or infinite
   * @throws io.densepure.InputException if anything does not fit
   */
  public InMemoryRun(
      Devices devices,
      DenoisingMethod denoising,
      Shape image,
      SmoothingNoise noise,
      CertifyRequest.Sampling sampling,
      Execution execution,
      HostClassifier classifier,
      Consumer<String> warning) {
    this.image = image;
    this.sampling = sampling;
    this.warning = warning;
    this.dtype = execution.dtype();
    certifier = new VoteCertifier(noise.sigma(), sampling.alpha());
    sampling.policy(certifier, 1); // only to check it
    HostLabeller labeller = new HostLabeller(classifier);
    LaneWork work =
        new LaneWork(
            Shape.of(image.dim(1), image.dim(2), image.dim(0)),
            () -> this::batch,
            noise,
            denoising,
            labeller,
            execution.dtype());
    // A batch that was asked for is kept to, whatever an image needs: networks may insist on it.
    long asked = (long) execution.batch() * devices.all().size();
    pipelines =
        new LanePipelines(
            devices, work, execution.batch(), Math.max(asked, sampling.plan().lanes()));
    try {
      int batch = pipelines.all().get(0).batchSize();
      labeller.probe(Shape.of(batch, image.dim(0), image.dim(1), image.dim(2)));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Devices share the images of the call in progress. */
  private synchronized float[] batch(List<Lane> lanes, int batch) {
    return images.batch(lanes, batch);
  }

  /** How many classes the classifier tells apart. */
  public int classes() {
    return pipelines.classes();
  }

  /**
   * Certifies images.
   *
   * @param indices which; an index is part of the key of the image's noise
   * @param pixels gives the image of an index, {@code [C, H, W]} in [0, 1]
   * @param labels gives the true class of an index
   * @param finished called with every image that is done, in the order of {@code indices}
   */
  public void certify(
      List<Integer> indices,
      IntFunction<float[]> pixels,
      IntUnaryOperator labels,
      Consumer<CertifiedImage> finished) {
    Function<VoteBoard, Certificate> certificates = sampling.certificates(certifier);
    run(
        indices,
        pixels,
        sampling.plan(),
        sampling.policy(certifier, pipelines.inFlight()),
        board ->
            finished.accept(
                new CertifiedImage(
                    board.image(),
                    labels.applyAsInt(board.image()),
                    certificates.apply(board),
                    board.seconds(),
                    board.notFinite())));
  }

  /**
   * PREDICT of Cohen et al. 2019.
   *
   * @param indices as for {@link #certify}, as is {@code pixels}
   * @param n noisy copies of each image
   * @return in the order of {@code indices}
   */
  public List<PredictRun.Prediction> predict(
      List<Integer> indices, IntFunction<float[]> pixels, int n) {
    PredictRun.Tally tally = new PredictRun.Tally(sampling.alpha());
    SamplingPlan plan = PredictRun.plan(n, sampling.plan().votes());
    run(indices, pixels, plan, PredictRun.POLICY, tally::add);
    return tally.predictions();
  }

  private void run(
      List<Integer> indices,
      IntFunction<float[]> pixels,
      SamplingPlan plan,
      VotePolicy policy,
      Consumer<VoteBoard> finished) {
    images = new ImageLoader(pixels, image.dim(0));
    FiniteLanes finite = pipelines.finiteLanes(dtype);
    new LaneScheduler(pipelines.all(), policy)
        .run(
            indices,
            index -> new VoteBoard(index, plan, classes()),
            new LaneScheduler.Listener() {
              @Override
              public void lanesDone(List<Lane> lanes, int[] labels, double seconds) {
                finite.add(labels);
              }

              @Override
              public void imageDone(VoteBoard board) {
                if (board.notFinite() > 0) {
                  warning.accept(FiniteLanes.text(board));
                }
                finished.accept(board);
              }

              @Override
              public void deviceLost(LaneClassifier device, DeviceException why) {
                warning.accept(pipelines.farewell(device, why));
              }
            });
    finite.requireSome();
  }

  /** Frees what is on the devices, which stay open. */
  @Override
  public void close() {
    pipelines.close();
  }
}
