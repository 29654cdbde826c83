package io.densepure.compute.cpu;

import io.densepure.compute.DType;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;

/**
 * A tensor of this backend.
 *
 * @param owner the {@link CpuDevice} of a persistent tensor, the {@link Recording} of an
 *     intermediate one, the {@link StepBuilder} of a scratch
 */
record CpuTensor(DType dtype, Shape shape, Storage storage, Object owner) implements Tensor {
  /** Rows of channels. */
  long rows() {
    return shape.rows();
  }

  int channels() {
    return shape.dim(-1);
  }

  long elements() {
    return shape.elements();
  }

  /** A view of {@code F32} elements, for operations in Java. Valid once the memory is placed. */
  FloatBuffer floats() {
    return new FloatPointer(storage.memory()).capacity(elements()).asBuffer();
  }

  /** As {@link #floats} for {@code I32}. */
  IntBuffer ints() {
    return new IntPointer(storage.memory()).capacity(elements()).asBuffer();
  }
}
