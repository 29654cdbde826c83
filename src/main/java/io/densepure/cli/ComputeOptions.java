package io.densepure.cli;

import io.densepure.compute.DType;
import picocli.CommandLine.Option;

/** Where and in which precision networks run; the same flags on every command that computes. */
@HelpSection.In(HelpSection.COMPUTE)
class ComputeOptions extends DeviceOptions {
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
      names = "--dtype",
      paramLabel = "TYPE",
      defaultValue = "fp32",
      description = "Precision inside the networks: ${COMPLETION-CANDIDATES}. Default: fp32.")
  Precision precision;

  DType dtype() {
    return precision.dtype;
  }
}
