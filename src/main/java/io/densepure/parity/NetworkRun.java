package io.densepure.parity;

import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Ops;
import io.densepure.compute.Probes;
import io.densepure.compute.Program;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One recorded run of a network on the golden inputs: whatever it shows through {@link Ops#probe}
 * under the name of a wanted array is compared with that array.
 */
final class NetworkRun implements AutoCloseable {
  private static final String ACTIVATION = "act/";

  private final Trial trial;
  private final Device device;
  private final List<Tensor> inputs = new ArrayList<>();
  private final Map<String, Wanted> wanted = new LinkedHashMap<>();

  private record Wanted(String row, HostTensor golden, Precision precision) {}

  NetworkRun(Trial trial) {
    this.trial = trial;
    this.device = trial.device();
  }

  /** Puts a golden floating-point array on the device, images channels last. */
  Tensor input(HostTensor golden) {
    return input(
        Layout.channelsLast(golden.shape()),
        Layout.channelsLast(golden.toFloats(), golden.shape()));
  }

  Tensor input(Shape shape, float[] values) {
    Tensor t = device.allocate(DType.F32, shape);
    inputs.add(t);
    device.upload(t, values);
    return t;
  }

  /** Puts a golden integer array on the device. */
  Tensor labels(HostTensor golden) {
    Tensor t = device.allocate(DType.I32, golden.shape());
    inputs.add(t);
    long[] values = golden.toLongs();
    int[] narrow = new int[values.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = Math.toIntExact(values[i]);
    }
    device.upload(t, narrow);
    return t;
  }

  /**
   * Asks for a result.
   *
   * @param probe the name under which it will be shown
   * @param row its name in the comparison
   * @param golden what it should be; images channels second
   */
  void expect(String probe, String row, HostTensor golden, Precision precision) {
    wanted.put(probe, new Wanted(row, golden, precision));
  }

  /** Asks for every activation that the case records, under the name of its module. */
  void expectActivations(String rowPrefix) {
    for (String name : trial.arrays().names(ACTIVATION)) {
      String module = name.substring(ACTIVATION.length());
      expect(module, rowPrefix + name, trial.arrays().get(name), trial.precision());
    }
  }

  /** Records {@code body}, runs it once and compares everything that was asked for. */
  void run(Consumer<Ops> body) {
    try (Probes probes = new Probes(device, wanted::containsKey);
        Program program = probes.record(body)) {
      program.run();
      wanted.forEach((name, w) -> compare(name, w, probes.kept().get(name)));
    }
  }

  private void compare(String name, Wanted w, Tensor shown) {
    if (shown == null) {
      trial
          .comparison()
          .check(w.row, false, "the network shows nothing under the name '" + name + "'");
      return;
    }
    float[] values = device.downloadFloats(shown);
    boolean image = shown.shape().rank() == 4;
    w.precision.compare(
        trial.comparison(),
        w.row,
        w.golden,
        image ? Layout.channelsFirst(shown.shape()) : shown.shape(),
        image ? Layout.channelsFirst(values, shown.shape()) : values);
  }

  @Override
  public void close() {
    inputs.forEach(device::free);
    inputs.clear();
  }
}
