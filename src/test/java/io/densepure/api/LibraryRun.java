package io.densepure.api;

import io.densepure.certify.Certificate;
import io.densepure.data.Dataset;
import java.util.List;

/**
 * A program of a user's, for a process of its own: {@code LibraryRun DEVICES} certifies images 0
 * and 1 with the bundled classifier as if it were another, denoised on GPUs, and prints a line
 * each.
 */
public final class LibraryRun {
  private LibraryRun() {}

  public static void main(String[] args) {
    try (NetworkClassifier mine = new NetworkClassifier();
        Denoiser denoiser =
            Denoiser.bundled().backend("cuda").devices(args[0]).sigma(0.25).steps(2).open();
        Certifier certifier = Certifier.of(denoiser, mine).n0(2).n(12).open()) {
      Dataset data = denoiser.dataset();
      certifier.certify(
          data,
          List.of(0, 1),
          image -> {
            Certificate c = image.certificate();
            System.out.printf("%d %d %d%n", image.index(), c.prediction(), c.nA());
          });
    }
  }
}
