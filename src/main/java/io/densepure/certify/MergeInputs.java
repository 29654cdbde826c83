package io.densepure.certify;

import io.densepure.InputException;
import io.densepure.certify.Lane.Phase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds what the original's run scripts left behind. Its programs do not agree on where that is:
 * its merge looks for N0 in a table's name where the scripts write N, not for the suffix that
 * purified runs add, below {@code results/} where the runs write beside it, and for sigma as Python
 * prints it where the runs have it as it was typed. All of these are found.
 *
 * @param folder where to look: the original's {@code results/} or the folder above it
 * @param dataset {@code cifar10} or {@code imagenet}, as in the files' names
 * @param steps reverse steps, as in the tables' names
 */
public record MergeInputs(Path folder, String dataset, double sigma, int steps) {
  /**
   * The table of one reverse seed, from which the labels come.
   *
   * @throws InputException saying what was looked for if there is none
   */
  public Path table(long reverseSeed, int n0, int n) {
    List<String> names = new ArrayList<>();
    for (String suffix : List.of("", "_diffpure")) {
      for (int samples : new int[] {n0, n}) {
        for (String noise : sigmas()) {
          names.add(
              String.format(
                  "%s-densepure-sample_num_%d-noise_%s-%d-steps-%d%s",
                  dataset, samples, noise, steps, reverseSeed, suffix));
        }
      }
    }
    for (String name : names) {
      for (Path place : List.of(folder, folder.resolve("results"))) {
        if (Files.isRegularFile(place.resolve(name))) {
          return place.resolve(name);
        }
      }
    }
    throw InputException.of(
        "%s: has no table of reverse seed %d, for example %s", folder, reverseSeed, names.get(0));
  }

  /**
   * The vote files, by looking for those of one image and seed.
   *
   * @throws InputException saying what was looked for if there is none
   */
  public VoteFiles voteFiles(int image, long reverseSeed) {
    Path above = folder.toAbsolutePath().normalize().getParent();
    for (Path place : above == null ? List.of(folder) : List.of(folder, above)) {
      for (String noise : sigmas()) {
        VoteFiles files = new VoteFiles(place.resolve("exp").resolve(dataset) + "/" + noise + "-");
        if (Files.isRegularFile(files.path(image, reverseSeed, Phase.SELECTION))) {
          return files;
        }
      }
    }
    throw InputException.of(
        "%s: has no vote files of image %d and reverse seed %d: neither exp/%s/%s-%d-%d-n0_…npy nor"
            + " the same in the folder above",
        folder, image, reverseSeed, dataset, PythonFormat.repr(sigma), image, reverseSeed);
  }

  /** As Python prints it, and as it may have been typed: 1.0 and 1. */
  private Set<String> sigmas() {
    String printed = PythonFormat.repr(sigma);
    Set<String> sigmas = new LinkedHashSet<>(List.of(printed));
    if (printed.endsWith(".0")) {
      sigmas.add(printed.substring(0, printed.length() - 2));
    } else if (printed.startsWith("0.")) {
      sigmas.add(printed.substring(1));
      sigmas.add(printed + "0");
    }
    return sigmas;
  }
}
