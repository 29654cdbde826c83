package io.densepure.benchmarks.libtorch;

import io.densepure.benchmarks.RandomWeights;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.model.UNetConfig;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * improved-diffusion's UNet (improved_diffusion/unet.py) in TorchScript, for one input shape: scale
 * and shift by the timestep embedding, convolutional resampling, heads outermost in qkv.
 *
 * <p>Written to be as fast as libtorch allows: one SiLU operation; the scale and shift, which the
 * whole batch shares as it shares the timestep, folded into the group norm's own; 1×1 convolutions
 * around PyTorch's fused attention; residuals added inside convolutions.
 */
public final class TorchUNet {
  private static final int MAX_PERIOD = 10_000;

  private final UNetConfig config;
  private final RandomWeights weights;
  private final TorchScript script;
  private final int batch;
  private final Deque<Value> skips = new ArrayDeque<>(); // still to be concatenated
  private int size; // of the image at the current level
  private String emb; // silu of the timestep embedding, [1, timeEmbedDim]

  private TorchUNet(UNetConfig config, RandomWeights weights, DType dtype, int batch, int size) {
    this.config = config;
    this.weights = weights;
    this.script = new TorchScript(dtype, "x", "t");
    this.batch = batch;
    this.size = size;
  }

  /**
   * The module {@code forward(x [N, C, size, size] F32, t [1] F32)}, which returns {@code [N,
   * outChannels, size, size]} F32.
   */
  public static TorchScript script(
      UNetConfig config, RandomWeights weights, DType dtype, int batch, int size) {
    TorchUNet net = new TorchUNet(config, weights, dtype, batch, size);
    net.forward();
    return net.script;
  }

  private void forward() {
    emb = timestepEmbedding();
    int first = config.channels(0);
    Value x = new Value(script.input("x"), config.inChannels());
    Value h = conv("input_blocks.0.0", x, first, 3, 1, null);
    skips.push(h);
    int block = 1;
    for (int level = 0; level < config.levels(); level++) {
      for (int i = 0; i < config.numResBlocks(); i++) {
        h = resBlocks("input_blocks." + block++, h, level);
        skips.push(h);
      }
      if (level < config.levels() - 1) {
        h = conv("input_blocks." + block++ + ".0.op", h, h.channels, 3, 2, null);
        size /= 2;
        skips.push(h);
      }
    }
    h = resBlock("middle_block.0", h, h.channels);
    h = attention("middle_block.1", h);
    h = resBlock("middle_block.2", h, h.channels);
    block = 0;
    for (int level = config.levels() - 1; level >= 0; level--) {
      for (int i = 0; i <= config.numResBlocks(); i++) {
        h = resBlocks("output_blocks." + block, concat(h, skips.pop()), level);
        if (level > 0 && i == config.numResBlocks()) {
          int layer = config.hasAttention(level) ? 2 : 1;
          h = upsample("output_blocks." + block + "." + layer + ".conv", h);
        }
        block++;
      }
    }
    h = new Value(script.siluInPlace(groupNorm("out.0", h)), h.channels);
    script.result(conv("out.2", h, config.outChannels(), 3, 1, null).name);
  }

  private String timestepEmbedding() {
    int half = config.modelChannels() / 2;
    float[] frequencies = new float[half];
    for (int i = 0; i < half; i++) {
      frequencies[i] = (float) Math.exp(-Math.log(MAX_PERIOD) * i / half);
    }
    HostTensor f = HostTensor.of("frequencies", Shape.of(half), frequencies);
    String angles = script.let("torch.mul(torch.unsqueeze(t, 1), %s)", script.weight(f));
    String e = script.let("torch.cat([torch.cos(%s), torch.sin(%s)], -1)", angles, angles);
    int dim = config.timeEmbedDim();
    e = linear("time_embed.0", e, config.modelChannels(), dim);
    return script.silu(linear("time_embed.2", script.silu(e), dim, dim));
  }

  /** A residual block to the width of {@code level}, then attention if the level has it. */
  private Value resBlocks(String key, Value x, int level) {
    Value h = resBlock(key + ".0", x, config.channels(level));
    return config.hasAttention(level) ? attention(key + ".1", h) : h;
  }

  private Value resBlock(String key, Value x, int out) {
    Value h = new Value(script.siluInPlace(groupNorm(key + ".in_layers.0", x)), x.channels);
    h = conv(key + ".in_layers.2", h, out, 3, 1, null);
    h = new Value(script.siluInPlace(scaledNorm(key, h)), out);
    Value skip = x.channels == out ? x : conv(key + ".skip_connection", x, out, 1, 1, null);
    return conv(key + ".out_layers.3", h, out, 3, 1, skip);
  }

  /**
   * norm(h)·(1 + scale) + shift, as a norm with weight·(1 + scale) and bias·(1 + scale) + shift.
   */
  private String scaledNorm(String key, Value h) {
    String e = linear(key + ".emb_layers.1", emb, config.timeEmbedDim(), 2 * h.channels);
    String scale = script.let("torch.add(torch.slice(%s[0], 0, 0, %d), 1)", e, h.channels);
    String shift = script.let("torch.slice(%s[0], 0, %d, %d)", e, h.channels, 2 * h.channels);
    HostTensor weight = weights.tensor(key + ".out_layers.0.weight", h.channels);
    HostTensor bias = weights.tensor(key + ".out_layers.0.bias", h.channels);
    return script.groupNorm(
        h.name,
        script.let("torch.mul(%s, %s)", scale, script.weight(weight)),
        script.let("torch.addcmul(%s, %s, %s)", shift, scale, script.weight(bias)));
  }

  private Value attention(String key, Value x) {
    int heads = config.attention().numHeads();
    int tokens = size * size;
    int dim = x.channels / heads;
    Value h = new Value(groupNorm(key + ".norm", x), x.channels);
    h = conv(key + ".qkv", h, 3 * x.channels, 1, 1, null);
    String qkv =
        script.let(
            "torch.view(torch.permute(%s, [0, 2, 3, 1]), [%d, %d, %d, 3, %d])",
            h.name, batch, tokens, heads, dim);
    String[] parts = new String[3]; // q, k, v: [N, heads, tokens, dim]
    for (int i = 0; i < 3; i++) {
      parts[i] = script.let("torch.transpose(torch.select(%s, 3, %d), 1, 2)", qkv, i);
    }
    String a = script.attention(parts[0], parts[1], parts[2], Shape.of(batch, heads, tokens, dim));
    String y =
        script.let(
            "torch.permute(torch.reshape(torch.transpose(%s, 1, 2), [%d, %d, %d, %d]), [0, 3, 1, 2])",
            a, batch, size, size, x.channels);
    return conv(key + ".proj_out", new Value(y, x.channels), x.channels, 1, 1, x);
  }

  private Value upsample(String key, Value x) {
    size *= 2;
    String up = script.let("torch.upsample_nearest2d(%s, [%d, %d])", x.name, size, size);
    return conv(key, new Value(up, x.channels), x.channels, 3, 1, null);
  }

  private Value concat(Value x, Value y) {
    return new Value(script.let("torch.cat([%s, %s], 1)", x.name, y.name), x.channels + y.channels);
  }

  /** A convolution of the current size, plus {@code residual} unless that is null. */
  private Value conv(String key, Value x, int out, int kernel, int stride, Value residual) {
    boolean conv1d = key.endsWith(".qkv") || key.endsWith(".proj_out");
    int[] shape =
        conv1d ? new int[] {out, x.channels, 1} : new int[] {out, x.channels, kernel, kernel};
    Conv conv =
        new Conv(
            weights.tensor(key + ".weight", shape),
            weights.tensor(key + ".bias", out),
            stride,
            Shape.of(batch, x.channels, size, size));
    if (residual == null) {
      return new Value(script.conv2d(x.name, conv), out);
    }
    return new Value(
        skips.contains(residual)
            ? script.let("torch.add_(%s, %s)", script.conv2d(x.name, conv), residual.name)
            : script.conv2dOnto(residual.name, x.name, conv),
        out);
  }

  private String groupNorm(String key, Value x) {
    String weight = script.weight(weights.tensor(key + ".weight", x.channels));
    String bias = script.weight(weights.tensor(key + ".bias", x.channels));
    return script.groupNorm(x.name, weight, bias);
  }

  private String linear(String key, String x, int in, int out) {
    HostTensor weight = weights.tensor(key + ".weight", out, in);
    return script.linear(x, weight, weights.tensor(key + ".bias", out));
  }

  /** The name of a value and its channels. */
  private record Value(String name, int channels) {}
}
