package io.densepure.benchmarks;

import io.densepure.compute.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
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

/** One forward pass of one network on one engine. Each leaves its output behind for comparison. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3)
@Measurement(iterations = 7)
public class ForwardBenchmark {
  private static final Path OUTPUTS = Path.of("target", "benchmarks", "outputs");

  @Param public Network network;

  @Param({"F32", "BF16"})
  public DType dtype;

  @Param({"8", "32"})
  public int batch;

  @Param public Engine engine;

  @Param("2")
  public int threads;

  private ForwardPass pass;

  @Setup(Level.Trial)
  public void open() throws IOException {
    pass = engine.open(network, dtype, batch, threads);
  }

  @Benchmark
  public void forward() {
    pass.run();
  }

  @TearDown(Level.Trial)
  public void close() throws IOException {
    float[] output = pass.output();
    ByteBuffer bytes = ByteBuffer.allocate(4 * output.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(output);
    Files.createDirectories(OUTPUTS);
    Files.write(outputFile(network, dtype, batch, engine), bytes.array());
    pass.close();
  }

  /** What an earlier fork computed. */
  static float[] readOutput(Network network, DType dtype, int batch, Engine engine)
      throws IOException {
    byte[] bytes = Files.readAllBytes(outputFile(network, dtype, batch, engine));
    float[] output = new float[bytes.length / 4];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(output);
    return output;
  }

  private static Path outputFile(Network network, DType dtype, int batch, Engine engine) {
    String name = "%s-%s-%d-%s.f32".formatted(network, dtype, batch, engine);
    return OUTPUTS.resolve(name.toLowerCase(Locale.ROOT));
  }
}
