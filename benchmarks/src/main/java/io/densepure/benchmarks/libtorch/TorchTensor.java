package io.densepure.benchmarks.libtorch;

import io.densepure.compute.DType;
import io.densepure.compute.HalfFloats;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A contiguous constant of a TorchScript module.
 *
 * @param source its values
 * @param dtype what they are stored as: {@code F32} or {@code BF16}
 * @param shape any with as many elements
 */
record TorchTensor(HostTensor source, DType dtype, Shape shape) {

  /** Little-endian elements in C order. */
  ByteBuffer bytes() {
    if (source.dtype() == dtype) {
      return source.data();
    }
    float[] values = source.toFloats();
    ByteBuffer out =
        ByteBuffer.allocate(values.length * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (float v : values) {
      if (dtype == DType.BF16) {
        out.putShort(HalfFloats.floatToBf16(v));
      } else {
        out.putFloat(v);
      }
    }
    return out.flip();
  }

  /** The class PyTorch pickles a storage of this dtype as. */
  String storageClass() {
    return dtype == DType.BF16 ? "BFloat16Storage" : "FloatStorage";
  }

  /** PyTorch's number for a dtype (c10/core/ScalarType.h). */
  static int code(DType dtype) {
    return dtype == DType.BF16 ? 15 : 6;
  }
}
