package io.densepure.pipeline;

import io.densepure.data.Dataset;
import java.util.List;
import java.util.Map;

/**
 * Where the lanes of runs are computed: on the {@link Devices} of this machine, or on a cluster.
 * Journal, votes and results are the run's own business wherever that is.
 */
public interface LaneEngine extends AutoCloseable {
  /** What computes, a line each. */
  List<String> descriptions();

  /** {@link #descriptions} in one line. */
  default String description() {
    return String.join("; ", descriptions());
  }

  /**
   * Makes everything ready to compute the lanes of {@code request}; writes nothing.
   *
   * @param data the setup's images
   * @throws io.densepure.InputException if anything about the request is wrong
   * @throws io.densepure.DeviceException if there is nothing that can compute
   */
  LaneWorkers workers(Setup setup, Dataset data, CertifyRequest request);

  @Override
  void close();

  /** Makes engines; found by {@link java.util.ServiceLoader} for {@code certify --engine NAME}. */
  interface Provider {
    /** What the user calls it. */
    String name();

    /**
     * @throws io.densepure.InputException if the settings are wrong
     * @throws io.densepure.DeviceException if the engine cannot be reached
     */
    LaneEngine open(Options options);
  }

  /**
   * What the user said about an engine.
   *
   * @param master where it is, or null
   * @param settings the engine's own
   * @param backend what its machines compute with, as for {@link Backends#open}
   */
  record Options(String master, Map<String, String> settings, String backend) {
    public Options {
      settings = Map.copyOf(settings);
    }
  }
}
