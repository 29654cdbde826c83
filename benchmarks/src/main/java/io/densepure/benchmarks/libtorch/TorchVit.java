package io.densepure.benchmarks.libtorch;

import io.densepure.benchmarks.RandomWeights;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.model.VitConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * Hugging Face's ViT ({@code transformers/models/vit/modeling_vit.py}) in TorchScript.
 *
 * <p>Written to be as fast as libtorch allows: query, key and value in one product; PyTorch's fused
 * attention; GELU and residuals inside the products; the last norm on the class token alone.
 */
public final class TorchVit {
  private final VitConfig config;
  private final RandomWeights weights;
  private final TorchScript script;
  private final int batch;
  private final int tokens;

  private TorchVit(VitConfig config, RandomWeights weights, DType dtype, int batch) {
    this.config = config;
    this.weights = weights;
    this.script = new TorchScript(dtype, "x");
    this.batch = batch;
    this.tokens = patches() + 1;
  }

  /** The module {@code forward(x [N, C, H, W] F32)}, which returns {@code [N, numLabels]} F32. */
  public static TorchScript script(
      VitConfig config, RandomWeights weights, DType dtype, int batch) {
    TorchVit net = new TorchVit(config, weights, dtype, batch);
    net.forward();
    return net.script;
  }

  private int patches() {
    return config.grid().rows() * config.grid().columns();
  }

  private void forward() {
    int width = config.hiddenSize();
    String h = embeddings();
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      h = layer("vit.encoder.layer." + i, h);
    }
    String cls = script.let("torch.contiguous(torch.select(%s, 1, 0))", h);
    cls = layerNorm("vit.layernorm", cls);
    HostTensor weight = weights.tensor("classifier.weight", config.numLabels(), width);
    script.result(
        script.linear(
            script.let("torch.to(%s, 6)", cls),
            weight,
            weights.tensor("classifier.bias", config.numLabels())));
  }

  /** {@code [N, T, C]}: the class token and the patches, with their positions. */
  private String embeddings() {
    int width = config.hiddenSize();
    int patch = config.grid().patch();
    int channels = config.grid().channels();
    String key = "vit.embeddings.";
    Conv conv =
        new Conv(
            weights.tensor(
                key + "patch_embeddings.projection.weight", width, channels, patch, patch),
            weights.tensor(key + "patch_embeddings.projection.bias", width),
            patch,
            0,
            Shape.of(
                batch, channels, config.grid().rows() * patch, config.grid().columns() * patch));
    String patches = script.conv2d(script.input("x"), conv);
    patches =
        script.let(
            "torch.reshape(torch.permute(%s, [0, 2, 3, 1]), [%d, %d, %d])",
            patches, batch, patches(), width);
    String cls = script.constant(weights.tensor(key + "cls_token", 1, 1, width));
    String positions =
        script.constant(weights.tensor(key + "position_embeddings", 1, tokens, width));
    return script.let(
        "torch.add_(torch.cat([torch.expand(%s, [%d, 1, %d]), %s], 1), %s)",
        cls, batch, width, patches, positions);
  }

  private String layer(String key, String x) {
    int width = config.hiddenSize();
    int hidden = config.intermediateSize();
    String h = attention(key + ".attention", layerNorm(key + ".layernorm_before", x), x);
    String m = layerNorm(key + ".layernorm_after", h);
    m = script.product(m, rows(), dense(key + ".intermediate.dense", width, hidden), "gelu");
    return script.productOnto(h, m, rows(), dense(key + ".output.dense", hidden, width));
  }

  private String attention(String key, String x, String residual) {
    int width = config.hiddenSize();
    int heads = config.numAttentionHeads();
    int dim = width / heads;
    List<Dense> parts = new ArrayList<>();
    for (String part : List.of("query", "key", "value")) {
      parts.add(dense(key + ".attention." + part, width, width));
    }
    String qkv =
        script.let(
            "torch.view(%s, [%d, %d, 3, %d, %d])",
            script.product(x, rows(), Dense.stack(parts), "none"), batch, tokens, heads, dim);
    String[] qkvParts = new String[3]; // q, k, v: [N, heads, T, dim]
    for (int i = 0; i < 3; i++) {
      qkvParts[i] = script.let("torch.transpose(torch.select(%s, 2, %d), 1, 2)", qkv, i);
    }
    String mixed =
        script.attention(
            qkvParts[0], qkvParts[1], qkvParts[2], Shape.of(batch, heads, tokens, dim));
    String flat =
        script.let(
            "torch.reshape(torch.transpose(%s, 1, 2), [%d, %d, %d])", mixed, batch, tokens, width);
    return script.productOnto(residual, flat, rows(), dense(key + ".output.dense", width, width));
  }

  private int rows() {
    return batch * tokens;
  }

  private Dense dense(String key, int in, int out) {
    return new Dense(weights.tensor(key + ".weight", out, in), weights.tensor(key + ".bias", out));
  }

  private String layerNorm(String key, String x) {
    int width = config.hiddenSize();
    return script.layerNorm(
        x,
        weights.tensor(key + ".weight", width),
        weights.tensor(key + ".bias", width),
        config.layerNormEps());
  }
}
