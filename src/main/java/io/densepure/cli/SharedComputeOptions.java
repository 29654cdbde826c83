package io.densepure.cli;

import io.densepure.pipeline.Backends;
import io.densepure.pipeline.Devices;
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

  /** Opens what was asked for. */
  Devices open() {
    return Backends.openAll(backend, gpus, threads());
  }
}
