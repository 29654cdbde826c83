package io.densepure.model;

import io.densepure.compute.Activation;
import io.densepure.compute.Epilogue;
import io.densepure.compute.Ops;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightPath;

/**
 * Two linear layers with the exact GELU between them ({@code timm/models/layers/mlp.py}).
 *
 * @param fc1 {@code fc1}, to the hidden width
 * @param fc2 {@code fc2}, back again
 */
record Mlp(Linear fc1, Linear fc2) {
  static Mlp load(WeightPath at, int width, int hidden) {
    return new Mlp(
        Linear.load(at.at("fc1"), width, hidden), Linear.load(at.at("fc2"), hidden, width));
  }

  /** {@code [..., width]} to the same shape; the epilogue is that of the second layer. */
  Tensor forward(Ops ops, Tensor x, Epilogue epilogue) {
    Tensor h = fc1.apply(ops, x, Epilogue.activation(Activation.GELU));
    return fc2.apply(ops, h, epilogue);
  }
}
