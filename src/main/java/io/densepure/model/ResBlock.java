package io.densepure.model;

import io.densepure.compute.Activation;
import io.densepure.compute.Epilogue;
import io.densepure.compute.Ops;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightPath;

/**
 * A residual block told the time ({@code unet.py, ResBlock}): two norm + SiLU + 3×3 convolution,
 * with the timestep embedding between them, around a skip connection. With {@code resblock_updown}
 * it may also change the resolution, before its first convolution.
 *
 * @param inNorm {@code in_layers.0}
 * @param inConv {@code in_layers.2}, in to out channels
 * @param embLinear {@code emb_layers.1}, to 2·out channels (scale, shift) or out channels
 * @param outNorm {@code out_layers.0}
 * @param outConv {@code out_layers.3}, out to out channels
 * @param skip {@code skip_connection}, 1×1; null if the channels do not change
 */
record ResBlock(
    String path,
    GroupNorm32 inNorm,
    Conv2d inConv,
    Linear embLinear,
    GroupNorm32 outNorm,
    Conv2d outConv,
    Conv2d skip,
    boolean useScaleShiftNorm,
    Resample resample)
    implements UNetLayer {

  static ResBlock load(WeightPath at, UNetConfig config, int in, int out, Resample resample) {
    int embOut = config.useScaleShiftNorm() ? 2 * out : out;
    return new ResBlock(
        at.path(),
        GroupNorm32.load(at.at("in_layers").at(0), in),
        Conv2d.load(at.at("in_layers").at(2), in, out, 3),
        Linear.load(at.at("emb_layers").at(1), config.timeEmbedDim(), embOut),
        GroupNorm32.load(at.at("out_layers").at(0), out),
        Conv2d.load(at.at("out_layers").at(3), out, out, 3),
        in == out ? null : Conv2d.load(at.at("skip_connection"), in, out, 1),
        config.useScaleShiftNorm(),
        resample);
  }

  @Override
  public Tensor forward(Ops ops, Tensor x, Tensor emb) { // [N, H, W, in]
    Tensor e = embLinear.apply(ops, emb, Epilogue.NONE); // [N | 1, 2·out or out]
    ops.probe(path + ".in_layers.0", () -> inNorm.apply(ops, x, Activation.NONE));
    ops.probe(path + ".emb_layers", () -> e);

    Tensor h = inNorm.apply(ops, x, Activation.SILU);
    h = resample.apply(ops, h, inConv); // [N, H', W', out]
    if (useScaleShiftNorm) {
      h = outNorm.apply(ops, h, e, Activation.SILU);
    } else {
      h = outNorm.apply(ops, ops.addPerImage(h, e), Activation.SILU);
    }
    Tensor residual = resample.apply(ops, x); // [N, H', W', in]
    if (skip != null) {
      residual = skip.apply(ops, residual, Epilogue.NONE); // [N, H', W', out]
    }
    return outConv.apply(ops, h, Epilogue.residual(residual));
  }
}
