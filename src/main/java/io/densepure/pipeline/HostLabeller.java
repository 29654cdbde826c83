package io.densepure.pipeline;

import io.densepure.InputException;
import io.densepure.certify.VoteBoard;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.Program;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;

/**
 * Labels images with a caller's classifier: the denoised pixels leave the device. Several devices
 * may share one; it is called by one thread at a time.
 */
final class HostLabeller implements Labeller {
  private final HostClassifier classifier;
  private int classes; // 0 until it has been asked

  HostLabeller(HostClassifier classifier) {
    this.classifier = classifier;
  }

  /**
   * Asks the classifier about a batch of black images, to see how many classes there are and
   * whether it answers as it should.
   *
   * @param images shape of a batch, {@code [N, C, H, W]}
   * @throws InputException if it does not
   */
  void probe(Shape images) {
    float[][] rows = logits(new float[(int) images.elements()], images);
    classes = rows[0].length;
    requireClasses(rows);
    if (classes < 2) {
      throw InputException.of("the classifier tells %d classes apart; it takes two", classes);
    }
  }

  @Override
  public int classes() {
    return classes;
  }

  @Override
  public OnDevice open(Device device, DenoisingPrograms denoising, int batch, DType dtype) {
    return new Recorded(device, denoising);
  }

  private synchronized float[][] logits(float[] images, Shape shape) {
    float[][] rows = classifier.logits(images, shape);
    if (rows == null || rows.length != shape.dim(0)) {
      throw InputException.of(
          "the classifier gave %s rows of scores for a batch of %d images",
          rows == null ? "no" : rows.length, shape.dim(0));
    }
    return rows;
  }

  private void requireClasses(float[][] rows) {
    for (float[] row : rows) {
      if (row == null || row.length != classes) {
        throw InputException.of(
            "the classifier gave %s scores for an image, where others have %d",
            row == null ? "no" : row.length, classes);
      }
    }
  }

  /** Asked of pixels, too: a caller's code need not pass NaN on. */
  private static boolean isFinite(float[] numbers, int from, int count) {
    for (int i = from; i < from + count; i++) {
      if (!Float.isFinite(numbers[i])) {
        return false;
      }
    }
    return true;
  }

  /** The largest score's index, the lowest on ties; no class if any is NaN or infinite. */
  private static int label(float[] scores) {
    if (!isFinite(scores, 0, scores.length)) {
      return VoteBoard.NOT_FINITE;
    }
    int best = 0;
    for (int c = 0; c < scores.length; c++) {
      if (scores[c] > scores[best]) {
        best = c;
      }
    }
    return best;
  }

  private final class Recorded implements OnDevice {
    private final Device device;
    private final Tensor pixels; // [N, H, W, C], mostly in [0, 1]
    private final Program finish;

    Recorded(Device device, DenoisingPrograms denoising) {
      this.device = device;
      pixels = device.allocate(DType.F32, denoising.shape());
      finish = device.record(ops -> ops.assign(pixels, denoising.recordResult(ops)));
    }

    @Override
    public int[] labels(int count) {
      finish.run();
      Shape s = pixels.shape();
      float[] hwc = device.downloadFloats(pixels);
      float[] chw = new float[hwc.length];
      int image = hwc.length / s.dim(0);
      for (int slot = 0; slot < s.dim(0); slot++) {
        float[] one = ImageLoader.channelsFirst(hwc, slot * image, s.dim(3), s.dim(1) * s.dim(2));
        System.arraycopy(one, 0, chw, slot * image, image);
      }
      float[][] rows = logits(chw, Shape.of(s.dim(0), s.dim(3), s.dim(1), s.dim(2)));
      requireClasses(rows);
      int[] labels = new int[count];
      for (int slot = 0; slot < count; slot++) {
        boolean finite = isFinite(chw, slot * image, image);
        labels[slot] = finite ? label(rows[slot]) : VoteBoard.NOT_FINITE;
      }
      return labels;
    }

    @Override
    public void close() {
      finish.close();
      device.free(pixels);
    }
  }
}
