package io.densepure.certify;

import io.densepure.InputException;
import io.densepure.certify.Lane.Phase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds what the original's run scripts left behind. Its programs do not agree on where that is:
 * its merge looks for N0 in a table's name where the scripts write N, not for the suffix that
 * purified runs add, below {@code results/} where the runs write beside it, for sigma as Python
 * prints it where the runs have it as it was typed, and for {@code -steps} where the script for
 * ImageNet leaves that out and writes above {@code results/}. All of these are found.
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
    return find(reverseSeed, n0, n)
        .orElseThrow(
            () ->
                InputException.of(
                    "%s: has no table of reverse seed %d, such as %s",
                    folder, reverseSeed, names(reverseSeed, n0, n).get(0)));
  }

  private Optional<Path> find(long reverseSeed, int n0, int n) {
    List<Path> places = new ArrayList<>(List.of(folder, folder.resolve("results")));
    above().ifPresent(places::add);
    return names(reverseSeed, n0, n).stream()
        .flatMap(name -> places.stream().map(place -> place.resolve(name)))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  private Optional<Path> above() {
    return Optional.ofNullable(folder.toAbsolutePath().normalize().getParent());
  }

  private List<String> names(long reverseSeed, int n0, int n) {
    List<String> names = new ArrayList<>();
    for (String form : List.of("-%d-steps-%d", "-%d-steps-%d_diffpure", "-%d-%d_diffpure")) {
      for (int samples : new int[] {n0, n}) {
        for (String noise : sigmas()) {
          String run = "%s-densepure-sample_num_%d-noise_%s".formatted(dataset, samples, noise);
          names.add(run + form.formatted(steps, reverseSeed));
        }
      }
    }
    return names;
  }

  /**
   * The true class of each image, from the last reverse seed that has a table: the original takes
   * the last one's, and a run of all seeds at once leaves a single table.
   *
   * @throws InputException if no reverse seed has one
   */
  public Map<Integer, Integer> labels(List<Long> reverseSeeds, int n0, int n) {
    for (int i = reverseSeeds.size() - 1; i > 0; i--) {
      Optional<Path> table = find(reverseSeeds.get(i), n0, n);
      if (table.isPresent()) {
        return labels(table.get());
      }
    }
    return labels(table(reverseSeeds.get(0), n0, n));
  }

  /** The true class of each image of a table, in the table's order. */
  public static Map<Integer, Integer> labels(Path table) {
    Map<Integer, Integer> labels = new LinkedHashMap<>();
    for (ResultRow row : ResultRow.read(table)) {
      labels.put(row.idx(), row.label());
    }
    return labels;
  }

  /**
   * The vote files, by looking for those of one image and seed.
   *
   * @throws InputException saying what was looked for if there is none
   */
  public VoteFiles voteFiles(int image, long reverseSeed) {
    List<Path> places = new ArrayList<>(List.of(folder));
    above().ifPresent(places::add);
    for (Path place : places) {
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
