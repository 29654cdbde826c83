package io.densepure.pipeline;

import io.densepure.InputException;
import io.densepure.compute.DType;
import java.io.Serializable;

/**
 * How a device goes about its lanes.
 *
 * @param batch lanes computed at once, or 0 to choose; results do not depend on it
 * @param dtype precision inside the networks
 */
public record Execution(int batch, DType dtype) implements Serializable {
  private static final int MAX_BATCH = 1 << 16;

  /**
   * @throws InputException if the batch is out of range
   */
  public Execution {
    if (batch < 0 || batch > MAX_BATCH) {
      throw InputException.of("the batch must be 1 to %d, not %d", MAX_BATCH, batch);
    }
  }
}
