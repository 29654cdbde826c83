package io.densepure.compute;

import java.util.ArrayList;
import java.util.List;

/** All cases: every operation of {@link Ops} with every option. */
public final class OpCases {
  private OpCases() {}

  /** Small shapes with every option and edge, for tests. */
  public static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    ConvCases.addTo(cases);
    LinearCases.addTo(cases);
    NormCases.addTo(cases);
    AttentionCases.addTo(cases);
    TokenCases.addTo(cases);
    PointwiseCases.addTo(cases);
    ResamplingCases.addTo(cases);
    SamplerCases.addTo(cases);
    return List.copyOf(cases);
  }

  /**
   * The operations in which the paper's CIFAR-10 network spends its time, at its shapes, for
   * benchmarks.
   */
  public static List<OpCase> cifar10UNet(int batch) {
    List<OpCase> cases = new ArrayList<>();
    int[][] levels = {{32, 128}, {16, 256}, {8, 256}, {4, 256}};
    for (int[] level : levels) {
      int size = level[0];
      int channels = level[1];
      cases.add(
          ConvCases.conv(batch, size, size, channels, channels)
              .kernel(3, 3)
              .padding(1)
              .residual()
              .build());
      cases.add(NormCases.image(batch, size, channels, Activation.SILU));
    }
    cases.add(ConvCases.conv(batch, 32, 32, 3, 128).kernel(3, 3).padding(1).build());
    cases.add(ConvCases.conv(batch, 32, 32, 256, 128).kernel(3, 3).padding(1).build());
    cases.add(ConvCases.conv(batch, 16, 16, 512, 256).kernel(3, 3).padding(1).build());
    cases.add(ConvCases.conv(batch, 16, 16, 512, 256).build());
    cases.add(ConvCases.conv(batch, 32, 32, 128, 128).kernel(3, 3).padding(1).stride(2).build());
    cases.add(LinearCases.tokens(batch, 256, 256, 768));
    cases.add(AttentionCases.attention(batch, 256, 4, 64, QkvLayout.HEADS_FIRST));
    cases.add(AttentionCases.attention(batch, 64, 4, 64, QkvLayout.HEADS_FIRST));
    cases.add(ResamplingCases.upsample(batch, 16, 16, 256));
    cases.add(ResamplingCases.upsampledConv(batch, 16, 16, 256, 256, true));
    cases.add(ResamplingCases.concat(batch, 32, 32, 128, 128));
    return List.copyOf(cases);
  }

  /** The same of the paper's classifiers, Wide-ResNet 28-10 and ViT-B/16. */
  public static List<OpCase> classifiers(int batch) {
    List<OpCase> cases = new ArrayList<>();
    int[][] levels = {{32, 16, 160, 1}, {32, 160, 320, 2}, {16, 320, 640, 2}};
    for (int[] level : levels) {
      int size = level[0];
      int out = level[2];
      int stride = level[3];
      cases.add(ConvCases.conv(batch, size, size, level[1], out).kernel(3, 3).padding(1).build());
      cases.add(
          ConvCases.conv(batch, size, size, out, out)
              .kernel(3, 3)
              .padding(1)
              .stride(stride)
              .residual()
              .build());
      cases.add(ConvCases.conv(batch, size, size, level[1], out).stride(stride).build());
      cases.add(NormCases.affine(Shape.of(batch, size, size, out), Activation.RELU));
    }
    cases.add(ConvCases.conv(batch, 224, 224, 3, 768).kernel(16, 16).stride(16).build());
    cases.addAll(LinearCases.block(batch, 197, 768, 3072));
    cases.add(AttentionCases.attention(batch, 197, 12, 64, QkvLayout.QKV_FIRST));
    cases.add(NormCases.layerNorm(Shape.of(batch, 197, 768), 0, 1, 1e-6f));
    return List.copyOf(cases);
  }

  /** Group norms as the networks have them: narrow and wide groups, images, tokens, one image. */
  public static List<OpCase> groupNorms() {
    List<OpCase> cases = new ArrayList<>();
    int[][] images = {{1, 64, 128}, {2, 16, 512}, {3, 32, 640}, {2, 8, 768}, {1, 8, 1024}};
    for (int[] image : images) { // 4, 16, 20, 24 and 32 channels in a group
      cases.add(NormCases.image(image[0], image[1], image[2], Activation.SILU));
    }
    cases.add(NormCases.tokens(2, 197, 256));
    return List.copyOf(cases);
  }
}
