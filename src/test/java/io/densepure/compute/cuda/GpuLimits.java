package io.densepure.compute.cuda;

import io.densepure.compute.cuda.PtxAssembler.Usage;

/**
 * What limits the number of blocks on one multiprocessor (CUDA C++ Programming Guide, "Technical
 * Specifications per Compute Capability").
 *
 * @param arch as {@code sm_80}
 * @param threads resident threads per multiprocessor
 * @param blocks resident blocks per multiprocessor
 * @param sharedBytes shared memory per multiprocessor
 * @param reservedBytes of shared memory per block that the system takes
 */
record GpuLimits(String arch, int threads, int blocks, int sharedBytes, int reservedBytes) {
  private static final int REGISTERS = 64 << 10;

  /** Registers are handed out to warps in units of this many. */
  private static final int REGISTER_UNIT = 256;

  static final GpuLimits[] ALL = {
    new GpuLimits("sm_75", 1024, 16, 64 << 10, 0),
    new GpuLimits("sm_80", 2048, 32, 164 << 10, 1 << 10),
    new GpuLimits("sm_86", 1536, 16, 100 << 10, 1 << 10),
    new GpuLimits("sm_89", 1536, 24, 100 << 10, 1 << 10),
    new GpuLimits("sm_90", 2048, 32, 228 << 10, 1 << 10),
  };

  /** The virtual architecture that this one's code is made from. */
  String virtual() {
    return arch.equals("sm_75") ? "compute_75" : "compute_80";
  }

  /** Share of the resident warps that a kernel can reach, in percent. */
  int occupancy(Usage usage, int blockThreads) {
    int registersPerWarp =
        (usage.registers() * 32 + REGISTER_UNIT - 1) / REGISTER_UNIT * REGISTER_UNIT;
    // Warps are spread over four schedulers, each with a quarter of the registers.
    int warps = REGISTERS / 4 / registersPerWarp * 4;
    int byRegisters = warps / (blockThreads / 32);
    int byShared =
        usage.sharedBytes() == 0 ? blocks : sharedBytes / (usage.sharedBytes() + reservedBytes);
    int resident =
        Math.min(Math.min(byRegisters, byShared), Math.min(blocks, threads / blockThreads));
    return 100 * resident * blockThreads / threads;
  }
}
