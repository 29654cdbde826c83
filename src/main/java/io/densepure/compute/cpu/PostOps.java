package io.densepure.compute.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;

import io.densepure.compute.Activation;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;

/** The residual and the activation of an epilogue, done by the primitive that makes the result. */
record PostOps(CpuTensor residual, memory.desc layout, CpuTensor out, Activation activation) {
  post_ops build() {
    post_ops postOps = new post_ops();
    if (residual != null && isOverwritten()) {
      postOps.append_sum(1f, 0, memory.data_type.undef);
    } else if (residual != null) {
      postOps.append_binary(algorithm.binary_add, layout);
    }
    OneDnn.append(postOps, activation);
    return postOps;
  }

  void bind(PrimitiveStep step) {
    if (residual != null && !isOverwritten()) {
      step.with(operand(0), layout, residual);
    }
  }

  /** The argument that is the second operand of the binary post-operation at {@code index}. */
  static int operand(int index) {
    return DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE * (index + 1) | DNNL_ARG_SRC_1;
  }

  /** Whether the result lies where the residual is, so that it is summed into it. */
  boolean isOverwritten() {
    return residual.storage().resolved() == out.storage().resolved();
  }
}
