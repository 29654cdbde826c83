package io.densepure.compute.cuda;

import io.densepure.compute.Activation;
import io.densepure.compute.DType;
import io.densepure.compute.Epilogue;
import io.densepure.compute.Ops;
import io.densepure.compute.Tensor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * How many kernels PyTorch launches for the same network, run eagerly from the original's module
 * code. Each of our operations stands for the ATen calls that the module makes there. Views,
 * dropout at inference, copies that make operands contiguous and layout changes inside cuDNN are
 * not counted, so this is a lower bound.
 */
final class EagerLaunches {
  /** Whose module code is counted. */
  enum Family {
    /** improved_diffusion/unet.py, guided_diffusion/unet.py. */
    UNET,
    /** transformers/models/vit/modeling_vit.py: q, k and v are three layers. */
    VIT,
    /** timm/models/beit.py: layer scale, relative positions. */
    BEIT
  }

  static final String RULES =
      """
      | PyTorch module | kernels | of which |
      |---|--:|---|
      | `Conv2d`, `Conv1d` | 2 | cuDNN, bias |
      | `Linear` | 1 | cuBLAS with its bias |
      | `GroupNorm32` | 3, in 16 bits 5 | moments, factors, application; two casts |
      | `SiLU` (`x * sigmoid(x)`) | 2 | |
      | scale and shift in `ResBlock` | 3 | `1 + scale`, product, sum |
      | `emb_layers` of a `ResBlock` | 3, in 16 bits 4 | SiLU, `Linear`; cast |
      | `QKVAttentionLegacy` | 5, in 16 bits 7 | two scalings, two `einsum`, softmax; two casts |
      | residual sum, `cat`, interpolation, pooling | 1 | |
      | `timestep_embedding` | 4 | product, cos, sin, `cat` |
      | `LayerNorm`, `GELU`, mean | 1 | |
      | `ViTSelfAttention` | 8 | three `Linear`, two `matmul`, division, softmax, copy |
      | BEiT's `Attention` | 10 | `cat` of biases, `Linear`, scaling, two `matmul`, position bias (gather, copy, sum), softmax, copy |
      | layer scale of a BEiT branch | 1 | |
      """;

  private final Family family;
  private final boolean halves;
  private int count;

  /**
   * @param dtype of the activations
   */
  EagerLaunches(Family family, DType dtype) {
    this.family = family;
    halves = dtype != DType.F32;
    // Our second layer of the time embedding ends in the SiLU that is counted with each block.
    count = family == Family.UNET ? -activation(Activation.SILU) : 0;
  }

  int count() {
    return count;
  }

  /** Counts what is asked of {@code ops}. */
  Ops watching(Ops ops) {
    return (Ops)
        Proxy.newProxyInstance(
            Ops.class.getClassLoader(),
            new Class<?>[] {Ops.class},
            (proxy, method, arguments) -> {
              count += kernels(method, arguments);
              try {
                return method.invoke(ops, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /**
   * Short forms among the methods of {@code Ops} end in the long one, as an operation of its own.
   */
  private int kernels(Method method, Object... arguments) {
    boolean shortForm = method.isDefault() && !method.getName().equals("upsampledConv2d");
    return shortForm ? 0 : kernels(method.getName(), arguments);
  }

  private int kernels(String operation, Object... a) {
    int casts = halves ? 1 : 0;
    return switch (operation) {
      case "conv2d" -> 1 + (a[2] == null ? 0 : 1) + epilogue((Epilogue) a[5]);
      case "upsampledConv2d" -> 2 + (a[2] == null ? 0 : 1); // interpolation, convolution
      case "linear" -> linear((Tensor) a[0], (Epilogue) a[3]) + epilogue((Epilogue) a[3]);
      case "groupNorm" -> 3 + 2 * casts + (a[5] == null ? 0 : 3) + activation((Activation) a[6]);
      case "attention" -> attention(a[3] != null);
      case "timestepEmbedding" -> 4;
      case "prependToken" -> 1 + (a[2] == null ? 0 : 1);
      case "meanTokens" -> family == Family.VIT ? 0 : 1; // ViT takes a view of the class token
      case "activate" -> activation((Activation) a[1]);
      case "cast" -> casts;
      case "layerNorm", "add", "addPerImage", "upsampleNearest2x", "avgPool2d", "concatChannels" ->
          1;
      case "reshape" -> 0;
      default -> throw new IllegalStateException("no rule for " + operation);
    };
  }

  private int linear(Tensor x, Epilogue epilogue) {
    return switch (family) {
      // On pixels a Conv1d with its bias; on the embedding, in 32 bits, with the SiLU before it
      // that we do once for all blocks, and a cast.
      case UNET -> {
        boolean embedding = x.shape().rank() == 2 && epilogue.activation() == Activation.NONE;
        yield x.shape().rank() == 3 ? 2 : embedding ? 3 + (halves ? 1 : 0) : 1;
      }
      case VIT -> 1;
      case BEIT -> 1 + (epilogue.residual() == null ? 0 : 1); // layer scale
    };
  }

  /** Without the layers before and after it; those are {@code linear} to us. */
  private int attention(boolean positionBias) {
    return switch (family) {
      case UNET -> 5 + (halves ? 2 : 0);
      case VIT -> 7; // the layer that we have made of three counts as one
      case BEIT -> 6 + (positionBias ? 3 : 0);
    };
  }

  private static int epilogue(Epilogue epilogue) {
    return (epilogue.residual() == null ? 0 : 1) + activation(epilogue.activation());
  }

  private static int activation(Activation activation) {
    return switch (activation) {
      case NONE -> 0;
      case RELU, GELU -> 1;
      case SILU -> 2;
    };
  }
}
