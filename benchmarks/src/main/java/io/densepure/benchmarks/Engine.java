package io.densepure.benchmarks;

import io.densepure.benchmarks.libtorch.LibtorchForward;
import io.densepure.benchmarks.libtorch.TorchScript;
import io.densepure.compute.DType;
import java.io.IOException;
import java.nio.file.Path;

/** Who computes. */
public enum Engine {
  DENSEPURE,
  LIBTORCH;

  /** Where libtorch's archives and libraries are unpacked. */
  private static final Path LIBTORCH_FOLDER = Path.of("target", "benchmarks", "libtorch");

  /** Loads the network with weights and inputs that are the same for both engines. */
  ForwardPass open(Network network, DType dtype, int batch, int threads) throws IOException {
    RandomWeights weights = new RandomWeights();
    TorchScript script = network.libtorch(weights, dtype, batch);
    return switch (this) {
      case DENSEPURE ->
          DensePureForward.open(network, weights.store(), network.inputs(batch), dtype, threads);
      case LIBTORCH ->
          LibtorchForward.open(
              script, network.inputs(batch), LIBTORCH_FOLDER.toAbsolutePath(), threads);
    };
  }
}
