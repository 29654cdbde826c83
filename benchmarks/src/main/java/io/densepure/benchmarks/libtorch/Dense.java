package io.densepure.benchmarks.libtorch;

import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.function.Function;

/**
 * A fully connected layer.
 *
 * @param weight {@code [out, in]}
 * @param bias {@code [out]}
 */
record Dense(HostTensor weight, HostTensor bias) {
  /** One layer that has the outputs of all parts one after the other. */
  static Dense stack(List<Dense> parts) {
    int in = parts.get(0).weight.shape().dim(1);
    int out = parts.stream().mapToInt(p -> p.weight.shape().dim(0)).sum();
    return new Dense(
        concatenation(parts, Dense::weight, Shape.of(out, in)),
        concatenation(parts, Dense::bias, Shape.of(out)));
  }

  private static HostTensor concatenation(
      List<Dense> parts, Function<Dense, HostTensor> part, Shape shape) {
    FloatBuffer values = FloatBuffer.allocate(Math.toIntExact(shape.elements()));
    parts.forEach(p -> values.put(part.apply(p).toFloats()));
    return HostTensor.of(part.apply(parts.get(0)).name() + " stacked", shape, values.array());
  }
}
