package io.densepure.compute.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;

import io.densepure.compute.Activation;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.reorder;

/** Operations on each element, through oneDNN. */
final class Pointwise {
  private Pointwise() {}

  static void activation(
      StepBuilder builder, String part, CpuTensor x, CpuTensor out, Activation activation) {
    memory.desc elements = OneDnn.vector(x.dtype(), x.elements());
    builder
        .primitive(
            part,
            new eltwise_forward.primitive_desc(
                builder.engine(),
                prop_kind.forward_inference,
                OneDnn.algorithm(activation),
                elements,
                elements,
                OneDnn.alpha(activation),
                0f,
                OneDnn.attributes(),
                false))
        .with(DNNL_ARG_SRC, elements, x)
        .with(DNNL_ARG_DST, elements, out);
  }

  static void add(StepBuilder builder, String part, CpuTensor x, CpuTensor y, CpuTensor out) {
    memory.desc elements = OneDnn.vector(x.dtype(), x.elements());
    builder
        .primitive(
            part,
            new binary.primitive_desc(
                builder.engine(),
                algorithm.binary_add,
                elements,
                elements,
                elements,
                OneDnn.attributes(),
                false))
        .with(DNNL_ARG_SRC_0, elements, x)
        .with(DNNL_ARG_SRC_1, elements, y)
        .with(DNNL_ARG_DST, elements, out);
  }

  /** One call per row of {@code vector}: oneDNN is slow when the second operand varies by image. */
  static void addPerImage(StepBuilder builder, CpuTensor x, CpuTensor vector, CpuTensor out) {
    int calls = vector.shape().dim(0);
    memory.desc rows = OneDnn.matrix(x.dtype(), x.rows() / calls, x.channels());
    memory.desc row = OneDnn.matrix(DType.F32, 1, x.channels());
    var add =
        builder.reusable(
            "",
            new binary.primitive_desc(
                builder.engine(),
                algorithm.binary_add,
                rows,
                row,
                rows,
                OneDnn.attributes(),
                false));
    for (int call = 0; call < calls; call++) {
      add.step()
          .with(DNNL_ARG_SRC_0, rows, x.storage(), call * rows.get_size())
          .with(DNNL_ARG_SRC_1, row, vector.storage(), call * row.get_size())
          .with(DNNL_ARG_DST, rows, out.storage(), call * rows.get_size());
    }
  }

  static void channelAffine(
      StepBuilder builder,
      CpuTensor x,
      HostTensor scale,
      HostTensor shift,
      Activation activation,
      CpuTensor out) {
    memory.desc rows = OneDnn.matrix(x.dtype(), x.rows(), x.channels());
    memory.desc row = OneDnn.matrix(DType.F32, 1, x.channels());
    post_ops postOps = new post_ops();
    postOps.append_binary(algorithm.binary_add, row);
    OneDnn.append(postOps, activation);
    builder
        .primitive(
            "",
            new binary.primitive_desc(
                builder.engine(),
                algorithm.binary_mul,
                rows,
                row,
                rows,
                OneDnn.attributes(postOps),
                false))
        .with(DNNL_ARG_SRC_0, rows, x)
        .with(DNNL_ARG_SRC_1, builder.weight(scale, row, row))
        .with(PostOps.operand(0), builder.weight(shift, row, row))
        .with(DNNL_ARG_DST, rows, out);
  }

  /** Copies, rounding to the dtype of {@code out}. */
  static void copy(StepBuilder builder, CpuTensor x, CpuTensor out) {
    memory.desc from = OneDnn.vector(x.dtype(), x.elements());
    memory.desc to = OneDnn.vector(out.dtype(), x.elements());
    builder
        .primitive(
            "",
            new reorder.primitive_desc(
                builder.engine(), from, builder.engine(), to, OneDnn.attributes(), false))
        .with(DNNL_ARG_SRC, from, x)
        .with(DNNL_ARG_DST, to, out);
  }
}
