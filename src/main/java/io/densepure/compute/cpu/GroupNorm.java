package io.densepure.compute.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

import io.densepure.compute.Activation;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import java.nio.FloatBuffer;
import org.bytedeco.dnnl.global.dnnl.normalization_flags;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.group_normalization_forward;
import org.bytedeco.dnnl.memory;

/**
 * Group normalisation, then the activation in place: oneDNN's own fusion of the two is slower than
 * both. A modulation per channel is folded into the norm's own scale and shift first: (n·γ + β)·(1
 * + s) + t = n·γ(1 + s) + (β(1 + s) + t). If each image has its own, the images are normalised one
 * by one.
 */
record GroupNorm(
    CpuTensor x,
    HostTensor weight,
    HostTensor bias,
    int groups,
    float eps,
    CpuTensor scaleShift,
    Activation activation,
    CpuTensor out) {
  private static final int FLAGS =
      normalization_flags.use_scale.value | normalization_flags.use_shift.value;

  void build(StepBuilder builder) {
    int modulations = scaleShift == null ? 1 : scaleShift.shape().dim(0);
    int perCall = modulations == 1 ? x.shape().dim(0) : 1;
    memory.desc images = OneDnn.images(x.dtype(), perCall, asImages(x.shape()));
    var description =
        new group_normalization_forward.primitive_desc(
            builder.engine(),
            prop_kind.forward_inference.value,
            images,
            images,
            groups,
            eps,
            FLAGS,
            OneDnn.attributes(),
            false);
    var norm = builder.reusable("", description);
    Storage folded = scaleShift == null ? null : fold(builder);
    memory.desc channels = OneDnn.vector(DType.F32, x.channels());
    for (int call = 0; call < modulations; call++) {
      long offset = call * images.get_size();
      PrimitiveStep step =
          norm.step()
              .with(DNNL_ARG_SRC, images, x.storage(), offset)
              .with(DNNL_ARG_DST, images, out.storage(), offset);
      if (folded == null) {
        step.with(DNNL_ARG_SCALE, builder.vector(weight));
        step.with(DNNL_ARG_SHIFT, builder.vector(bias));
      } else {
        long row = 2L * call * channels.get_size();
        step.with(DNNL_ARG_SCALE, channels, folded, row);
        step.with(DNNL_ARG_SHIFT, channels, folded, row + channels.get_size());
      }
    }
    if (activation != Activation.NONE) {
      Pointwise.activation(builder, "activation", out, out, activation);
    }
  }

  /** Rows of scales, then shifts, as {@code scaleShift} but ready for the primitive. */
  private Storage fold(StepBuilder builder) {
    int channels = x.channels();
    Storage folded = builder.scratch(scaleShift.storage().bytes());
    CpuTensor target = new CpuTensor(DType.F32, scaleShift.shape(), folded, null);
    float[] gamma = weight.toFloats();
    float[] beta = bias.toFloats();
    builder.host(
        "modulation",
        () -> {
          FloatBuffer from = scaleShift.floats();
          FloatBuffer to = target.floats();
          return () -> {
            for (int i = 0; i < to.capacity(); i += 2 * channels) {
              for (int c = 0; c < channels; c++) {
                float scale = 1 + from.get(i + c);
                to.put(i + c, gamma[c] * scale);
                to.put(i + channels + c, beta[c] * scale + from.get(i + channels + c));
              }
            }
          };
        });
    return folded;
  }

  private static Shape asImages(Shape shape) {
    return shape.rank() == 4 ? shape : Shape.of(shape.dim(0), shape.dim(1), 1, shape.dim(2));
  }
}
