package io.densepure.benchmarks;

import io.densepure.compute.ForwardingDevice;
import io.densepure.compute.Ops;
import io.densepure.compute.Program;
import io.densepure.compute.cpu.CpuDevice;
import io.densepure.compute.cpu.CpuProgram;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A CPU device that notes how long its programs run, and in which operations. */
final class TimedDevice extends ForwardingDevice {
  private final Map<String, Double> nanosByOperation = new HashMap<>();
  private long nanos;

  TimedDevice(CpuDevice device) {
    super(device);
  }

  private final class TimedProgram implements Program {
    private final CpuProgram program;
    private long runs;

    TimedProgram(CpuProgram program) {
      this.program = program;
    }

    @Override
    public void run() {
      long start = System.nanoTime();
      program.run();
      runs += System.nanoTime() - start;
    }

    @Override
    public long arenaBytes() {
      return program.arenaBytes();
    }

    /** Shares the time of all runs out among the operations, by a profile of one more. */
    @Override
    public void close() {
      List<CpuProgram.StepTime> steps = program.profile();
      double total = steps.stream().mapToLong(CpuProgram.StepTime::nanos).sum();
      for (CpuProgram.StepTime step : steps) {
        String operation = step.kind().split(" ")[0];
        nanosByOperation.merge(operation, runs * (step.nanos() / total), Double::sum);
      }
      nanos += runs;
      program.close();
    }
  }

  /** Forgets the programs closed so far. */
  void reset() {
    nanosByOperation.clear();
    nanos = 0;
  }

  /** Nanoseconds in programs that were closed since the last reset. */
  long nanos() {
    return nanos;
  }

  /** The same by operation. */
  Map<String, Double> nanosByOperation() {
    return Map.copyOf(nanosByOperation);
  }

  @Override
  public Program record(Consumer<Ops> body) {
    return new TimedProgram((CpuProgram) super.record(body));
  }
}
