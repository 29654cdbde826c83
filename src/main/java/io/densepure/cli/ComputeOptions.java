package io.densepure.cli;

import io.densepure.InputException;
import io.densepure.compute.DType;
import picocli.CommandLine.Option;

/** Where and in which precision networks run; the same flags on every command that computes. */
@HelpSection.In(HelpSection.COMPUTE)
class ComputeOptions {
  /** What networks store their activations as. */
  enum Precision {
    fp32(DType.F32),
    bf16(DType.BF16),
    fp16(DType.F16);

    final DType dtype;

    Precision(DType dtype) {
      this.dtype = dtype;
    }
  }

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "auto, cpu, cuda or cuda:N. auto takes a GPU if there is one. Default: auto.")
  String backend;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      defaultValue = "fp32",
      description = "Precision inside the networks: ${COMPLETION-CANDIDATES}. Default: fp32.")
  Precision precision;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "CPU threads. Default: $OMP_NUM_THREADS, or one per core.")
  private Integer threads;

  /** Threads asked for, or 0 for the default. */
  int threads() {
    if (threads != null && threads < 1) {
      throw InputException.of("--threads must be at least 1, not %d", threads);
    }
    return threads == null ? 0 : threads;
  }

  DType dtype() {
    return precision.dtype;
  }
}
