package io.densepure.compute.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;

/** x·weightᵀ over all rows of x. */
record Linear(CpuTensor x, HostTensor weight, HostTensor bias, PostOps epilogue) {
  void build(StepBuilder builder) {
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
