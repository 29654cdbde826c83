package io.densepure.benchmarks;

import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.OpCase;
import io.densepure.compute.OpCases;
import io.densepure.compute.Program;
import io.densepure.compute.Tensor;
import io.densepure.compute.cpu.CpuDevice;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One operation of the CIFAR-10 UNet at one of its shapes, recorded alone. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class OpBenchmark {
  /** The id of one of {@link #cases}. */
  @Param("")
  public String opCase;

  @Param({"F32", "BF16"})
  public DType dtype;

  @Param("8")
  public int batch;

  @Param("2")
  public int threads;

  private Device device;
  private Program program;

  static List<OpCase> cases(int batch) {
    return OpCases.cifar10UNet(batch);
  }

  @Setup(Level.Trial)
  public void open() {
    OpCase found =
        cases(batch).stream().filter(c -> c.id().equals(opCase)).findFirst().orElseThrow();
    device = CpuDevice.open(threads);
    List<Tensor> inputs = found.inputs().stream().map(i -> i.upload(device, dtype)).toList();
    Tensor shape = found.result(dtype);
    Tensor result = device.allocate(shape.dtype(), shape.shape());
    program = device.record(ops -> ops.assign(result, found.body().record(ops, inputs)));
  }

  @Benchmark
  public void run() {
    program.run();
    device.synchronize();
  }

  @TearDown(Level.Trial)
  public void close() {
    device.close();
  }
}
