package io.densepure.compute.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;

/** Direct convolution, channels last: as fast as any layout here and in need of no reorders. */
record Convolution(
    CpuTensor x,
    HostTensor weight,
    HostTensor bias,
    int stride,
    Padding padding,
    PostOps epilogue) {
  /** Zeros on each side. */
  record Padding(int top, int left, int bottom, int right) {
    static Padding of(int all) {
      return new Padding(all, all, all, all);
    }
  }

  void build(StepBuilder builder) {
    build(builder, "");
  }

  /**
   * @param part what it does within a larger operation
   */
  void build(StepBuilder builder, String part) {
    memory.desc source = OneDnn.images(x.dtype(), x.shape());
    memory.desc result = epilogue.layout();
    long[] kernel = dims(weight.shape());
    var description =
        describe(
            builder.engine(),
            source,
            kernel,
            bias != null,
            result,
            new long[] {stride, stride},
            new long[] {padding.top, padding.left},
            new long[] {padding.bottom, padding.right},
            epilogue.build());
    memory.desc plain = new memory.desc(kernel, memory.data_type.f32, memory.format_tag.abcd);
    PrimitiveStep step =
        builder
            .primitive(part, description)
            .with(DNNL_ARG_SRC, source, x)
            .with(DNNL_ARG_WEIGHTS, builder.weight(weight, plain, description.weights_desc()))
            .with(DNNL_ARG_DST, result, epilogue.out());
    if (bias != null) {
      step.with(DNNL_ARG_BIAS, builder.vector(bias));
    }
    epilogue.bind(step);
  }

  /** One of 1×1 pixels. */
  static convolution_forward.primitive_desc describe(
      engine engine,
      memory.desc source,
      long[] kernel,
      boolean biased,
      memory.desc result,
      post_ops postOps) {
    long[] one = {1, 1};
    long[] zero = {0, 0};
    return describe(engine, source, kernel, biased, result, one, zero, zero, postOps);
  }

  /**
   * @param source of one dtype with {@code result}
   * @param kernel {@code [O, I, H, W]}, or with groups before them
   */
  static convolution_forward.primitive_desc describe(
      engine engine,
      memory.desc source,
      long[] kernel,
      boolean biased,
      memory.desc result,
      long[] strides,
      long[] before,
      long[] after,
      post_ops postOps) {
    memory.desc weights = new memory.desc(kernel, source.get_data_type(), memory.format_tag.any);
    if (!biased) {
      return new convolution_forward.primitive_desc(
          engine,
          prop_kind.forward_inference,
          algorithm.convolution_direct,
          source,
          weights,
          result,
          strides,
          before,
          after,
          OneDnn.attributes(postOps),
          false);
    }
    return new convolution_forward.primitive_desc(
        engine,
        prop_kind.forward_inference,
        algorithm.convolution_direct,
        source,
        weights,
        OneDnn.vector(DType.F32, kernel[0]),
        result,
        strides,
        before,
        after,
        OneDnn.attributes(postOps),
        false);
  }

  private static long[] dims(Shape shape) {
    return new long[] {shape.dim(0), shape.dim(1), shape.dim(2), shape.dim(3)};
  }
}
