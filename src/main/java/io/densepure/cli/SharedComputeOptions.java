package io.densepure.cli;

import io.densepure.InputException;
import io.densepure.pipeline.Backends;
import io.densepure.pipeline.Devices;
import io.densepure.pipeline.LaneEngine;
import java.util.Map;
import picocli.CommandLine.Option;

/** {@link ComputeOptions} of commands whose work several GPUs can share. */
@HelpSection.In(HelpSection.COMPUTE)
final class SharedComputeOptions extends ComputeOptions {
  @Option(
      names = "--devices",
      paramLabel = "LIST",
      description =
          "Share the work among several GPUs: their numbers, as 0,1, or all. Results do not depend"
              + " on it if the GPUs are of one kind. If one fails the others finish the run.")
  private String gpus;

  /**
   * What an engine's machines are to compute with.
   *
   * @throws InputException if devices or threads of this machine were named
   */
  LaneEngine.Options remote(String master, Map<String, String> settings) {
    if (gpus != null) {
      throw new InputException(
          "--devices names GPUs of this machine; an engine's are given to its tasks by the cluster");
    }
    if (threads() > 1) {
      throw new InputException(
          "--threads is for this machine; an engine runs a task of one thread on each of its cores");
    }
    return new LaneEngine.Options(master, settings, backend);
  }

  /** Opens what was asked for. */
  Devices open() {
    return Backends.openAll(backend, gpus, threads());
  }
}
