package io.densepure.compute.cpu;

import static org.bytedeco.dnnl.global.dnnl.dnnl_version;

import io.densepure.DeviceException;
import io.densepure.compute.Activation;
import io.densepure.compute.DType;
import io.densepure.compute.JavaCpp;
import io.densepure.compute.Shape;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.cpu_isa;
import org.bytedeco.dnnl.global.dnnl.scratchpad_mode;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;

/** The parts of oneDNN's vocabulary that this backend uses, and the loading of the library. */
final class OneDnn {
  private OneDnn() {}

  /**
   * Loads the native library.
   *
   * @throws DeviceException saying what to do if it cannot be loaded
   */
  static void load() {
    JavaCpp.configure();
    try {
      Loader.load(dnnl.class);
    } catch (LinkageError | RuntimeException e) {
      throw new DeviceException(
          "cpu: oneDNN's native library cannot be loaded ("
              + String.valueOf(e.getMessage()).lines().findFirst().orElse("")
              + "); it needs 64-bit Linux on x86 and a writable cache directory, by default"
              + " ~/.javacpp (choose another with -Dorg.bytedeco.javacpp.cachedir=DIR)",
          e);
    }
  }

  static String version() {
    dnnl_version_t v = dnnl_version();
    return v.major() + "." + v.minor() + "." + v.patch();
  }

  /** Whether this processor has better than oneDNN's reference code for matrices of that dtype. */
  static boolean isFast(engine engine, DType dtype) {
    try (PointerScope temporary = new PointerScope()) {
      memory.desc square = matrix(dtype, 64, 64);
      return !new matmul.primitive_desc(engine, square, square, square)
          .impl_info_str()
          .getString()
          .startsWith("ref");
    } catch (RuntimeException e) { // there is none at all
      return false;
    }
  }

  /**
   * Whether this processor is quicker with convolutions of 1×1 pixels than with the same matrix
   * products, as those with AVX2 and no AVX-512 are, by a quarter.
   */
  static boolean convolvesFaster() {
    return dnnl.get_effective_cpu_isa().value == cpu_isa.avx2.value;
  }

  static memory.data_type type(DType dtype) {
    return switch (dtype) {
      case F32 -> memory.data_type.f32;
      case BF16 -> memory.data_type.bf16;
      case I32 -> memory.data_type.s32;
      default -> throw new IllegalArgumentException("oneDNN is not used with " + dtype);
    };
  }

  /** {@code [N, H, W, C]} in memory; oneDNN names the axes N, C, H, W whatever their order. */
  static memory.desc images(DType dtype, Shape shape) {
    return images(dtype, shape.dim(0), shape);
  }

  /** As {@link #images(DType, Shape)} with {@code count} images. */
  static memory.desc images(DType dtype, int count, Shape shape) {
    long[] nchw = {count, shape.dim(3), shape.dim(1), shape.dim(2)};
    return new memory.desc(nchw, type(dtype), memory.format_tag.acdb);
  }

  static memory.desc matrix(DType dtype, long rows, long columns) {
    return new memory.desc(new long[] {rows, columns}, type(dtype), memory.format_tag.ab);
  }

  static memory.desc vector(DType dtype, long elements) {
    return new memory.desc(new long[] {elements}, type(dtype), memory.format_tag.a);
  }

  /** Weights in the layout the primitive likes best. */
  static memory.desc anyLayout(DType dtype, long... dims) {
    return new memory.desc(dims, type(dtype), memory.format_tag.any);
  }

  /** Attributes with these post-operations, and scratch memory taken from the arena. */
  static primitive_attr attributes(post_ops postOps) {
    primitive_attr attributes = new primitive_attr();
    attributes.set_scratchpad_mode(scratchpad_mode.user);
    attributes.set_post_ops(postOps);
    return attributes;
  }

  static primitive_attr attributes() {
    return attributes(new post_ops());
  }

  static void append(post_ops postOps, Activation activation) {
    if (activation != Activation.NONE) {
      postOps.append_eltwise(algorithm(activation), alpha(activation), 0f);
    }
  }

  /**
   * ReLU is x·clamp(αx, 0, 1) with a huge α: oneDNN's own turns NaN into 0. This one is exact down
   * to the smallest normal numbers; only −∞ becomes NaN.
   */
  static algorithm algorithm(Activation activation) {
    return switch (activation) {
      case NONE -> algorithm.eltwise_linear;
      case RELU -> algorithm.eltwise_hardswish;
      case SILU -> algorithm.eltwise_swish;
      case GELU -> algorithm.eltwise_gelu_erf;
    };
  }

  /** The parameter α of {@link #algorithm}. */
  static float alpha(Activation activation) {
    return activation == Activation.RELU ? 0x1p126f : 1f;
  }
}
