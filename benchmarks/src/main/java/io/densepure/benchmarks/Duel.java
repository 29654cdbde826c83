package io.densepure.benchmarks;

import io.densepure.compute.DType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * The two engines in turn on one network: each round forks one JVM per engine, and the engine that
 * went first in one round goes second in the next, so that a drift of the machine favours neither.
 * A round's ratio compares two JVMs that ran right after each other.
 *
 * @param threads threads of either engine
 * @param rounds forks per engine
 * @param iterations timed forward passes per fork, after the warm-up
 */
record Duel(
    Network network, DType dtype, int batch, int threads, int rounds, int warmups, int iterations) {

  /** Runs all rounds and compares the outputs that the last forks left. */
  DuelResult run() throws RunnerException, IOException {
    Map<Engine, List<Double>> medians = new EnumMap<>(Engine.class);
    for (Engine engine : Engine.values()) {
      medians.put(engine, new ArrayList<>());
    }
    for (int round = 0; round < rounds; round++) {
      Engine first = Engine.values()[round % 2];
      Engine second = Engine.values()[1 - round % 2];
      medians.get(first).add(fork(first));
      medians.get(second).add(fork(second));
    }
    Agreement agreement =
        Agreement.of(
            ForwardBenchmark.readOutput(network, dtype, batch, Engine.DENSEPURE),
            ForwardBenchmark.readOutput(network, dtype, batch, Engine.LIBTORCH));
    return new DuelResult(
        this,
        Spread.of(medians.get(Engine.DENSEPURE)).scaled(1.0 / batch),
        Spread.of(medians.get(Engine.LIBTORCH)).scaled(1.0 / batch),
        Spread.ofRatios(medians.get(Engine.LIBTORCH), medians.get(Engine.DENSEPURE)),
        gflopPerImage(),
        agreement);
  }

  /** The median time of a forward pass in a fresh JVM, ms. */
  private double fork(Engine engine) throws RunnerException {
    RunResult result =
        new Runner(
                new OptionsBuilder()
                    .include(ForwardBenchmark.class.getName() + "\\.forward$")
                    .param("network", network.name())
                    .param("dtype", dtype.name())
                    .param("batch", Integer.toString(batch))
                    .param("threads", Integer.toString(threads))
                    .param("engine", engine.name())
                    .forks(1)
                    .warmupIterations(warmups)
                    .measurementIterations(iterations)
                    .shouldFailOnError(true)
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .runSingle();
    return result.getPrimaryResult().getStatistics().getPercentile(50);
  }

  private double gflopPerImage() {
    return network.libtorch(new RandomWeights(), dtype, 1).flops() / 1e9;
  }
}
