package io.densepure.benchmarks;

import io.densepure.compute.DType;
import io.densepure.compute.OpCase;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code benchmarks/run ops}: single operations. */
@Command(
    name = "ops",
    description =
        "Times the operations of the CIFAR-10 UNet one by one: time, arithmetic and memory rates.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class OpsCommand implements Callable<Integer> {
  @Option(names = "--dtype", split = ",", defaultValue = "fp32,bf16", description = "fp32, bf16")
  private List<DType> dtypes;

  @Option(names = "--batch", defaultValue = "8", description = "images at once")
  private int batch;

  @Option(names = "--threads", defaultValue = "2", description = "threads")
  private int threads;

  @Option(names = "--only", defaultValue = "", description = "operations whose name contains this")
  private String only;

  @Override
  public Integer call() throws RunnerException {
    System.out.println("| operation | dtype | ms | spread, ms | GFLOP/s | GB/s |");
    System.out.println("|---|---|---|---|---|---|");
    for (OpCase c : OpBenchmark.cases(batch)) {
      if (c.id().contains(only)) {
        for (DType dtype : dtypes) {
          System.out.println(row(c, dtype));
        }
      }
    }
    return 0;
  }

  private String row(OpCase c, DType dtype) throws RunnerException {
    var statistics =
        new Runner(
                new OptionsBuilder()
                    .include(OpBenchmark.class.getName() + "\\.run$")
                    .param("opCase", c.id())
                    .param("dtype", dtype.name())
                    .param("batch", Integer.toString(batch))
                    .param("threads", Integer.toString(threads))
                    .shouldFailOnError(true)
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .runSingle()
            .getPrimaryResult()
            .getStatistics();
    double ms = statistics.getPercentile(50);
    return String.format(
        Locale.ROOT,
        "| %s | %s | %.3f | %.3f-%.3f | %.1f | %.1f |",
        c.id(),
        dtype.label(),
        ms,
        statistics.getMin(),
        statistics.getMax(),
        c.flops() / ms / 1e6,
        c.bytes(dtype) / ms / 1e6);
  }
}
