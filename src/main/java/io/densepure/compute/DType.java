package io.densepure.compute;

import java.util.Locale;

/** Element types. The names are those of the safetensors format. Little endian everywhere. */
public enum DType {
  F64(8),
  F32(4),
  F16(2),
  BF16(2),
  I64(8),
  I32(4),
  I16(2),
  I8(1),
  U8(1),
  BOOL(1);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Whether the type holds real numbers. */
  public boolean isFloat() {
    return this == F64 || this == F32 || this == F16 || this == BF16;
  }

  /** The name used on the command line: {@code fp32}, {@code fp16}, {@code bf16}. */
  public String label() {
    return switch (this) {
      case F32 -> "fp32";
      case F16 -> "fp16";
      default -> name().toLowerCase(Locale.ROOT);
    };
  }
}
