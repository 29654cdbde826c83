package io.densepure.cli;

import io.densepure.InputException;
import picocli.CommandLine.Option;

/** Where networks run. */
@HelpSection.In(HelpSection.COMPUTE)
class DeviceOptions {
  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "auto, cpu, cuda or cuda:N. auto takes a GPU if there is one. Default: auto.")
  String backend;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "CPU threads. Results do not depend on it. Default: $OMP_NUM_THREADS, or one per core.")
  private Integer threads;

  /** Threads asked for, or 0 for the default. */
  int threads() {
    if (threads != null && threads < 1) {
      throw InputException.of("--threads must be at least 1, not %d", threads);
    }
    return threads == null ? 0 : threads;
  }
}
