package io.densepure.compute.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MULTIPLE_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

import org.bytedeco.dnnl.concat;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory_desc_vector;
import org.bytedeco.dnnl.pooling_forward;
import org.bytedeco.dnnl.primitive_desc_base;

/** Operations that change the extents of images: up, down, joined. */
final class Resampling {
  private Resampling() {}

  static void upsampleNearest2x(StepBuilder builder, CpuTensor x, CpuTensor out) {
    memory.desc from = OneDnn.images(x.dtype(), x.shape());
    memory.desc to = OneDnn.images(out.dtype(), out.shape());
    // The C++ class of this descriptor is bound without a constructor.
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    int status =
        dnnl.dnnl_resampling_forward_primitive_desc_create(
            description,
            builder.engine().get(),
            prop_kind.forward_inference.value,
            algorithm.resampling_nearest.value,
            new float[] {2, 2},
            from.get(),
            to.get(),
            OneDnn.attributes().get());
    if (status != dnnl.dnnl_success) {
      throw new IllegalStateException("resampling, status " + status);
    }
    builder
        .primitive("", new primitive_desc_base(description, true))
        .with(DNNL_ARG_SRC, from, x)
        .with(DNNL_ARG_DST, to, out);
  }

  static void avgPool2d(StepBuilder builder, CpuTensor x, int size, int stride, CpuTensor out) {
    memory.desc from = OneDnn.images(x.dtype(), x.shape());
    memory.desc to = OneDnn.images(out.dtype(), out.shape());
    long[] none = {0, 0};
    builder
        .primitive(
            "",
            new pooling_forward.primitive_desc(
                builder.engine(),
                prop_kind.forward_inference,
                algorithm.pooling_avg_exclude_padding,
                from,
                to,
                new long[] {stride, stride},
                new long[] {size, size},
                none,
                none,
                none,
                OneDnn.attributes(),
                false))
        .with(DNNL_ARG_SRC, from, x)
        .with(DNNL_ARG_DST, to, out);
  }

  static void concatChannels(StepBuilder builder, CpuTensor x, CpuTensor y, CpuTensor out) {
    memory.desc first = OneDnn.matrix(x.dtype(), x.rows(), x.channels());
    memory.desc second = OneDnn.matrix(y.dtype(), y.rows(), y.channels());
    memory.desc both = OneDnn.matrix(out.dtype(), out.rows(), out.channels());
    builder
        .primitive(
            "",
            new concat.primitive_desc(
                builder.engine(),
                both,
                1,
                new memory_desc_vector(first, second),
                OneDnn.attributes(),
                false))
        .with(DNNL_ARG_MULTIPLE_SRC, first, x)
        .with(DNNL_ARG_MULTIPLE_SRC + 1, second, y)
        .with(DNNL_ARG_DST, both, out);
  }
}
