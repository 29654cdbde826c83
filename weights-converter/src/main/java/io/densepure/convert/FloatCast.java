package io.densepure.convert;

import io.densepure.compute.DType;
import io.densepure.compute.HalfFloats;
import io.densepure.compute.HostTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Converts real numbers between precisions as PyTorch's {@code Tensor.to} does: to nearest, ties to
 * even, double by way of float.
 */
final class FloatCast {
  private final DType target;
  private long overflows;

  FloatCast(DType target) {
    this.target = target;
  }

  /** The type a tensor of that type ends up as: integers and booleans stay what they are. */
  static DType resultType(DType from, DType target) {
    return from.isFloat() ? target : from;
  }

  /** How many finite numbers became infinite so far. */
  long overflows() {
    return overflows;
  }

  /** The tensor's elements in the target type, little endian; its own bytes if it has that type. */
  ByteBuffer cast(HostTensor tensor) {
    if (resultType(tensor.dtype(), target) == tensor.dtype()) {
      return tensor.data();
    }
    ByteBuffer from = tensor.data();
    int count = (int) tensor.shape().elements();
    ByteBuffer to =
        ByteBuffer.allocate(Math.multiplyExact(count, target.bytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      put(to, read(tensor.dtype(), from));
    }
    return to.flip();
  }

  private static double read(DType dtype, ByteBuffer from) {
    return switch (dtype) {
      case F64 -> from.getDouble();
      case F32 -> from.getFloat();
      case F16 -> HalfFloats.fp16ToFloat(from.getShort());
      case BF16 -> HalfFloats.bf16ToFloat(from.getShort());
      default -> throw new IllegalArgumentException(dtype + " holds no real numbers");
    };
  }

  private void put(ByteBuffer to, double value) {
    float single = (float) value;
    float stored = single;
    switch (target) {
      case F64 -> to.putDouble(value);
      case F32 -> to.putFloat(single);
      case F16 -> {
        short bits = HalfFloats.floatToFp16(single);
        stored = HalfFloats.fp16ToFloat(bits);
        to.putShort(bits);
      }
      case BF16 -> {
        short bits = HalfFloats.floatToBf16(single);
        stored = HalfFloats.bf16ToFloat(bits);
        to.putShort(bits);
      }
      default -> throw new IllegalArgumentException(target + " holds no real numbers");
    }
    if (Float.isInfinite(stored) && !Double.isInfinite(value)) {
      overflows++;
    }
  }
}
