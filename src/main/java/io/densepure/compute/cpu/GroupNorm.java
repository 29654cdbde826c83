package io.densepure.compute.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;

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
 * both.
 *
 * <p>oneDNN works through one group after the other, so groups of a few channels leave most of a
 * vector unused: at 128 channels in 32 groups it takes three times as long as the detour taken here
 * for narrow groups. That lets oneDNN find the mean and variance of every single channel, merges
 * them to those of the groups, and has each channel normalised with the merged ones.
 *
 * <p>A modulation per channel is folded into the norm's own scale and shift first: (n·γ + β)·(1 +
 * s) + t = n·γ(1 + s) + (β(1 + s) + t). If each image has its own, the images are normalised one by
 * one.
 */
final class GroupNorm {
  /** Groups of more channels than this fill vectors by themselves. */
  private static final int NARROW = 16;

  private final CpuTensor x;
  private final HostTensor weight;
  private final HostTensor bias;
  private final int groups;
  private final float eps;
  private final CpuTensor scaleShift;
  private final Activation activation;
  private final CpuTensor out;
  private final int images;
  private final int channels;
  private final boolean narrow;

  GroupNorm(
      CpuTensor x,
      HostTensor weight,
      HostTensor bias,
      int groups,
      float eps,
      CpuTensor scaleShift,
      Activation activation,
      CpuTensor out) {
    this.x = x;
    this.weight = weight;
    this.bias = bias;
    this.groups = groups;
    this.eps = eps;
    this.scaleShift = scaleShift;
    this.activation = activation;
    this.out = out;
    images = x.shape().dim(0);
    channels = x.channels();
    narrow = channels / groups > 1 && channels / groups <= NARROW;
  }

  void build(StepBuilder builder) {
    Statistics statistics = narrow ? groupStatistics(builder) : null;
    normalize(builder, statistics);
    if (activation != Activation.NONE) {
      Pointwise.activation(builder, "activation", out, out, activation);
    }
  }

  /** Mean and variance that each channel of each image is normalised with, {@code [N, C]}. */
  private record Statistics(memory.desc layout, CpuTensor mean, CpuTensor variance) {}

  private Statistics groupStatistics(StepBuilder builder) {
    memory.desc all = imagesOf(images);
    Shape shape = Shape.of(images, channels);
    Statistics statistics =
        new Statistics(
            OneDnn.matrix(DType.F32, images, channels),
            builder.scratch(DType.F32, shape),
            builder.scratch(DType.F32, shape));
    // That it also normalises each channel by itself, into the result's memory, is of no use.
    builder
        .primitive("statistics", describe(builder, prop_kind.forward_training, all, channels, 0))
        .with(DNNL_ARG_SRC, all, x)
        .with(DNNL_ARG_DST, all, out)
        .with(DNNL_ARG_MEAN, statistics.layout, statistics.mean)
        .with(DNNL_ARG_VARIANCE, statistics.layout, statistics.variance);
    builder.host("merging", () -> merging(statistics.mean.floats(), statistics.variance.floats()));
    return statistics;
  }

  /** From the statistics of channels to those of their groups, for each of their channels. */
  private Runnable merging(FloatBuffer means, FloatBuffer variances) {
    int width = channels / groups;
    return () -> {
      for (int from = 0; from < means.capacity(); from += width) {
        double mean = 0;
        double variance = 0;
        for (int i = from; i < from + width; i++) {
          mean += (double) means.get(i) / width;
        }
        for (int i = from; i < from + width; i++) {
          double distance = means.get(i) - mean;
          variance += (variances.get(i) + distance * distance) / width;
        }
        for (int i = from; i < from + width; i++) {
          means.put(i, (float) mean);
          variances.put(i, (float) variance);
        }
      }
    };
  }

  private void normalize(StepBuilder builder, Statistics statistics) {
    int modulations = scaleShift == null ? 1 : scaleShift.shape().dim(0);
    int perCall = modulations == 1 ? images : 1;
    memory.desc part = imagesOf(perCall);
    memory.desc vector = OneDnn.vector(DType.F32, channels);
    memory.desc rows = OneDnn.matrix(DType.F32, perCall, channels);
    int flags = normalization_flags.use_scale.value | normalization_flags.use_shift.value;
    if (narrow) {
      flags |= normalization_flags.use_global_stats.value;
    }
    var norm =
        builder.reusable(
            "",
            describe(
                builder, prop_kind.forward_inference, part, narrow ? channels : groups, flags));
    CpuTensor folded = scaleShift == null ? null : foldedModulation(builder);
    for (int call = 0; call < modulations; call++) {
      PrimitiveStep step =
          norm.step()
              .with(DNNL_ARG_SRC, part, x.storage(), call * part.get_size())
              .with(DNNL_ARG_DST, part, out.storage(), call * part.get_size());
      if (narrow) {
        step.with(DNNL_ARG_MEAN, rows, statistics.mean.storage(), call * rows.get_size())
            .with(DNNL_ARG_VARIANCE, rows, statistics.variance.storage(), call * rows.get_size());
      }
      if (folded == null) {
        step.with(DNNL_ARG_SCALE, builder.vector(weight))
            .with(DNNL_ARG_SHIFT, builder.vector(bias));
      } else {
        long row = 2L * call * vector.get_size();
        step.with(DNNL_ARG_SCALE, vector, folded.storage(), row)
            .with(DNNL_ARG_SHIFT, vector, folded.storage(), row + vector.get_size());
      }
    }
  }

  private group_normalization_forward.primitive_desc describe(
      StepBuilder builder, prop_kind kind, memory.desc layout, int groupCount, int flags) {
    return new group_normalization_forward.primitive_desc(
        builder.engine(),
        kind.value,
        layout,
        layout,
        groupCount,
        eps,
        flags,
        OneDnn.attributes(),
        false);
  }

  /** Rows of scales, then shifts, as {@code scaleShift} but ready for the primitive. */
  private CpuTensor foldedModulation(StepBuilder builder) {
    CpuTensor folded = builder.scratch(DType.F32, scaleShift.shape());
    float[] gamma = weight.toFloats();
    float[] beta = bias.toFloats();
    builder.host(
        "modulation",
        () -> {
          FloatBuffer from = scaleShift.floats();
          FloatBuffer to = folded.floats();
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

  /** The layout of {@code count} images; tokens are images of width 1. */
  private memory.desc imagesOf(int count) {
    Shape s = x.shape();
    Shape asImages = s.rank() == 4 ? s : Shape.of(s.dim(0), s.dim(1), 1, s.dim(2));
    return OneDnn.images(x.dtype(), count, asImages);
  }
}
