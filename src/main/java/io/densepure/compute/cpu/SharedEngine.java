package io.densepure.compute.cpu;

import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.stream;

/**
 * oneDNN's engine and the weights laid out for it, shared by the devices of a team; the last device
 * to close frees them.
 */
final class SharedEngine implements AutoCloseable {
  private final engine engine;
  private final stream stream;
  private final WeightCache weights;
  private int users;

  /**
   * @param users how many devices will close it
   */
  SharedEngine(int users) {
    this.users = users;
    engine = new engine(org.bytedeco.dnnl.engine.kind.cpu, 0);
    stream = new stream(engine);
    weights = new WeightCache(engine, stream);
  }

  engine engine() {
    return engine;
  }

  WeightCache weights() {
    return weights;
  }

  /** One more device will close it; false if the last has already done so. */
  synchronized boolean join() {
    if (users == 0) {
      return false;
    }
    users++;
    return true;
  }

  @Override
  public synchronized void close() {
    if (--users == 0) {
      weights.close();
      stream.close();
      engine.close();
    }
  }
}
