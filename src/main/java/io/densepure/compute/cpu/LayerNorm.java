package io.densepure.compute.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

import io.densepure.compute.HostTensor;
import org.bytedeco.dnnl.global.dnnl.normalization_flags;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.layer_normalization_forward;
import org.bytedeco.dnnl.memory;

/** Layer normalisation over rows of channels. */
final class LayerNorm {
  private LayerNorm() {}

  static void build(
      StepBuilder builder,
      CpuTensor x,
      HostTensor weight,
      HostTensor bias,
      float eps,
      CpuTensor out) {
    memory.desc rows = OneDnn.matrix(x.dtype(), x.rows(), x.channels());
    int flags = normalization_flags.use_scale.value | normalization_flags.use_shift.value;
    var description =
        new layer_normalization_forward.primitive_desc(
            builder.engine(),
            prop_kind.forward_inference.value,
            rows,
            rows,
            eps,
            flags,
            OneDnn.attributes(),
            false);
    builder
        .primitive("", description)
        .with(DNNL_ARG_SRC, rows, x)
        .with(DNNL_ARG_SCALE, builder.vector(weight))
        .with(DNNL_ARG_SHIFT, builder.vector(bias))
        .with(DNNL_ARG_DST, rows, out);
  }
}
