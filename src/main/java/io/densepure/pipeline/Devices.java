package io.densepure.pipeline;

import io.densepure.compute.Device;
import io.densepure.data.Dataset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The devices that share the work of one run, opened and closed together. */
public final class Devices implements LaneEngine {
  private final List<Device> all = new ArrayList<>();

  /** All or none. */
  public Devices(List<Supplier<? extends Device>> openers) {
    try {
      openers.forEach(open -> all.add(open.get()));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** At least one. */
  public List<Device> all() {
    return List.copyOf(all);
  }

  /** What each of them says of itself; the threads of a CPU say it once. */
  @Override
  public List<String> descriptions() {
    return all.stream().map(Device::description).distinct().toList();
  }

  @Override
  public LaneWorkers workers(Setup setup, Dataset data, CertifyRequest request) {
    return CertifyPipelines.open(this, setup, data, request);
  }

  @Override
  public void close() {
    all.forEach(Device::close);
    all.clear();
  }
}
