package io.densepure.model;

import io.densepure.compute.Epilogue;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Ops;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightPath;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * {@code nn.Linear}, or a convolution of length 1 over tokens ({@code nn.Conv1d(in, out, 1)}).
 *
 * @param weight {@code [out, in]} or {@code [out, in, 1]}
 * @param bias {@code [out]}, or null for none
 */
record Linear(HostTensor weight, HostTensor bias) {
  static Linear load(WeightPath at, int in, int out) {
    return new Linear(at.tensor("weight", out, in), at.tensor("bias", out));
  }

  static Linear loadConv1d(WeightPath at, int in, int out) {
    return new Linear(at.tensor("weight", out, in, 1), at.tensor("bias", out));
  }

  /** One layer with the outputs of all parts one after the other; all have a bias, or none. */
  static Linear stack(String name, List<Linear> parts) {
    HostTensor weight =
        concatenation(name + ".weight", parts.stream().map(Linear::weight).toList());
    boolean biased = parts.get(0).bias != null;
    List<HostTensor> biases = biased ? parts.stream().map(Linear::bias).toList() : List.of();
    return new Linear(weight, biased ? concatenation(name + ".bias", biases) : null);
  }

  /** Along the first axis. */
  private static HostTensor concatenation(String name, List<HostTensor> parts) {
    int[] shape = parts.get(0).shape().toArray();
    shape[0] = parts.stream().mapToInt(p -> p.shape().dim(0)).sum();
    Shape all = Shape.of(shape);
    return HostTensor.computed(
        name,
        all,
        () -> {
          FloatBuffer values = FloatBuffer.allocate(Math.toIntExact(all.elements()));
          parts.forEach(part -> values.put(part.toFloats()));
          return values.array();
        });
  }

  /** The layer followed by a factor for each output, as one layer; it must have a bias. */
  Linear scaled(HostTensor factors) {
    return new Linear(scaled(weight, factors), scaled(bias, factors));
  }

  private static HostTensor scaled(HostTensor rows, HostTensor factors) {
    return HostTensor.computed(
        rows.name() + " scaled",
        rows.shape(),
        () -> {
          float[] values = rows.toFloats();
          float[] factor = factors.toFloats();
          int perRow = values.length / factor.length;
          for (int i = 0; i < values.length; i++) {
            values[i] *= factor[i / perRow];
          }
          return values;
        });
  }

  /** {@code [..., in]} to {@code [..., out]}. */
  Tensor apply(Ops ops, Tensor x, Epilogue epilogue) {
    return ops.linear(x, weight, bias, epilogue);
  }
}
