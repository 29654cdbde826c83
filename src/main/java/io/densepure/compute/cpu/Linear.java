package io.densepure.compute.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;

/** x·weightᵀ over all rows of x. */
record Linear(CpuTensor x, HostTensor weight, HostTensor bias, PostOps epilogue) {
  void build(StepBuilder builder) {
    if (x.dtype() == DType.F32 && OneDnn.convolvesFaster()) {
      asConvolution(builder);
    } else {
      asProduct(builder);
    }
  }

  /** Rows are pixels of an image of height 1. */
  private void asConvolution(StepBuilder builder) {
    CpuTensor out = epilogue.out();
    memory.desc source = pixels(x);
    memory.desc result = pixels(out);
    PostOps postOps = new PostOps(epilogue.residual(), result, out, epilogue.activation());
    long[] kernel = {out.channels(), x.channels(), 1, 1};
    var description =
        Convolution.describe(
            builder.engine(), source, kernel, bias != null, result, postOps.build());
    memory.desc plain = new memory.desc(kernel, memory.data_type.f32, memory.format_tag.abcd);
    PrimitiveStep step =
        builder
            .primitive("", description)
            .with(DNNL_ARG_SRC, source, x)
            .with(DNNL_ARG_WEIGHTS, builder.weight(weight, plain, description.weights_desc()))
            .with(DNNL_ARG_DST, result, out);
    if (bias != null) {
      step.with(DNNL_ARG_BIAS, builder.vector(bias));
    }
    postOps.bind(step);
  }

  private static memory.desc pixels(CpuTensor t) {
    return OneDnn.images(t.dtype(), Shape.of(1, 1, Math.toIntExact(t.rows()), t.channels()));
  }

  private void asProduct(StepBuilder builder) {
    long in = x.channels();
    long out = epilogue.out().channels();
    memory.desc source = OneDnn.matrix(x.dtype(), x.rows(), in);
    memory.desc result = epilogue.layout();
    memory.desc weights = OneDnn.anyLayout(x.dtype(), in, out);
    memory.desc biases = OneDnn.matrix(DType.F32, 1, out);
    primitive_attr attributes = OneDnn.attributes(epilogue.build());
    var description =
        bias == null
            ? new matmul.primitive_desc(
                builder.engine(), source, weights, result, attributes, false)
            : new matmul.primitive_desc(
                builder.engine(), source, weights, biases, result, attributes, false);
    // PyTorch's [O, I] is this matrix transposed: axes I, O with I contiguous.
    memory.desc plain =
        new memory.desc(new long[] {in, out}, memory.data_type.f32, memory.format_tag.ba);
    PrimitiveStep step =
        builder
            .primitive("", description)
            .with(DNNL_ARG_SRC, source, x)
            .with(DNNL_ARG_WEIGHTS, builder.weight(weight, plain, description.weights_desc()))
            .with(DNNL_ARG_DST, result, epilogue.out());
    if (bias != null) {
      step.with(DNNL_ARG_BIAS, builder.weight(bias, biases, biases));
    }
    epilogue.bind(step);
  }
}
