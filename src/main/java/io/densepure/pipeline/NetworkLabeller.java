package io.densepure.pipeline;

import io.densepure.certify.VoteBoard;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.Ops;
import io.densepure.compute.Program;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.util.Arrays;

/** Labels images with one of our networks, on the device: only labels leave it. */
record NetworkLabeller(Setup.LoadedClassifier classifier) implements Labeller {
  @Override
  public int classes() {
    return classifier.network().classes();
  }

  @Override
  public OnDevice open(Device device, DenoisingPrograms denoising, int batch, DType dtype) {
    return new Recorded(device, denoising, batch, dtype);
  }

  private final class Recorded implements OnDevice {
    private final Device device;
    private final Tensor labels; // [N]
    private final Program classify;

    Recorded(Device device, DenoisingPrograms denoising, int batch, DType dtype) {
      this.device = device;
      labels = device.allocate(DType.I32, Shape.of(batch));
      classify = device.record(ops -> recordClassify(ops, denoising, dtype));
    }

    private void recordClassify(Ops ops, DenoisingPrograms denoising, DType dtype) {
      Tensor input = denoising.recordClassifierInput(ops, classifier.preprocessing());
      ops.assign(labels, ops.argmax(classifier.network().logits(ops, input, dtype)));
    }

    @Override
    public int[] labels(int count) {
      classify.run();
      return Arrays.stream(device.downloadInts(labels), 0, count)
          .map(label -> label == Ops.NOT_FINITE ? VoteBoard.NOT_FINITE : label)
          .toArray();
    }

    @Override
    public void close() {
      classify.close();
      device.free(labels);
    }
  }
}
