package io.densepure.cli;

import io.densepure.diffusion.ReverseMode;
import io.densepure.pipeline.CertifyRequest;

/** What ways of denoising are called in tables and plots. */
final class MethodNames {
  private MethodNames() {}

  static String of(CertifyRequest request) {
    return request.denoising() == null ? "base" : of(request.denoising(), request.plan().votes());
  }

  static String of(ReverseMode mode, int votes) {
    String steps =
        mode instanceof ReverseMode.OneShot
            ? "one-shot"
            : mode instanceof ReverseMode.Steps s
                ? s.count() + (s.count() == 1 ? " step" : " steps")
                : "full chain";
    return votes == 1 ? steps : steps + ", " + votes + " votes";
  }

  /** As readers who do not know the flags call it. */
  static String plain(String title) {
    return title.equals("base") ? "no denoising" : title;
  }
}
