package io.densepure.parity;

import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.Shape;

/**
 * One golden case being run.
 *
 * @param golden the case
 * @param arrays its arrays
 * @param device what computes
 * @param dtype what activations are stored as inside networks
 * @param comparison takes every comparison
 */
record Trial(
    GoldenCase golden, GoldenArrays arrays, Device device, DType dtype, Comparison comparison) {
  /** What the results of networks are held against. */
  Precision precision() {
    return new Precision(dtype, golden.tolerance());
  }

  /** Compares what a network computed with the recorded array of that name. */
  void compare(String array, Shape shape, float[] actual) {
    precision().compare(comparison, array, arrays.get(array), shape, actual);
  }
}
