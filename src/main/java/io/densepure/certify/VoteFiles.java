package io.densepure.certify;

import io.densepure.InputException;
import io.densepure.certify.Lane.Phase;
import io.densepure.data.Npy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The original's vote files: for each image and reverse seed two int64 arrays of labels, one per
 * noisy copy, in {@code {prefix}{image}-{reverse seed}-n0_predictions.npy} and {@code
 * …-n_predictions.npy}. A vote that was not cast is -1; one whose networks gave NaN or infinity is
 * {@link #NOT_FINITE}. The prefix is not only a folder: {@code exp/cifar10/0.25-}.
 *
 * @param prefix what the path of every file begins with
 */
public record VoteFiles(String prefix) {
  /** The original's. */
  public static final String USUAL_PREFIX = "../npy";

  /**
   * Stands for {@link VoteBoard#NOT_FINITE} in the files: no index, even from behind, of an array
   * of classes, so the original's scripts fail over it and do not take it for a class.
   */
  static final long NOT_FINITE = Short.MIN_VALUE;

  /** Where the labels of {@code phase} lie. */
  public Path path(int image, long reverseSeed, Phase phase) {
    String name = phase == Phase.SELECTION ? "n0" : "n";
    String path = prefix + image + "-" + reverseSeed + "-" + name + "_predictions.npy";
    try {
      return Path.of(path);
    } catch (InvalidPathException e) {
      throw new InputException(InputException.quote(path) + ": no file can have that name", e);
    }
  }

  /**
   * Writes both files of one image and reverse seed, where they are not there already; each appears
   * whole or not at all.
   *
   * @param labels of all copies of a phase
   * @throws InputException naming the file that cannot be written
   */
  void write(int image, long reverseSeed, Function<Phase, long[]> labels) {
    for (Phase phase : Phase.values()) {
      long[] column = replace(labels.apply(phase), VoteBoard.NOT_FINITE, NOT_FINITE);
      Path file = path(image, reverseSeed, phase);
      if (!holds(file, column)) {
        AtomicFile.write(file, to -> Files.write(to, Npy.toBytes(column)));
      }
    }
  }

  private static long[] replace(long[] labels, long from, long to) {
    return Arrays.stream(labels).map(label -> label == from ? to : label).toArray();
  }

  private static boolean holds(Path file, long[] labels) {
    try {
      return Files.isRegularFile(file) && Arrays.equals(Npy.readLongs(file), labels);
    } catch (InputException e) {
      return false; // it is damaged, or another kind of file
    }
  }

  /**
   * The labels of one image and reverse seed.
   *
   * @param samples how many there must be at least; what is beyond is left out
   * @param classes labels must lie in [0, classes); {@link VoteBoard#UNKNOWN} stands for a vote
   *     that was not cast, {@link VoteBoard#NOT_FINITE} for one without a finite result
   * @throws InputException naming the file that is missing, damaged, too short or holds other
   *     labels
   */
  public long[] read(int image, long reverseSeed, Phase phase, int samples, int classes) {
    Path file = path(image, reverseSeed, phase);
    long[] labels = Npy.readLongs(file);
    if (labels.length < samples) {
      throw InputException.of(
          "%s: holds %d labels, but %s is %d",
          file, labels.length, phase == Phase.SELECTION ? "N0" : "N", samples);
    }
    for (int sample = 0; sample < samples; sample++) {
      boolean special = labels[sample] == VoteBoard.UNKNOWN || labels[sample] == NOT_FINITE;
      if (!special && (labels[sample] < 0 || labels[sample] >= classes)) {
        throw InputException.of(
            "%s: the label of sample %d is %d, but there are %d classes",
            file, sample, labels[sample], classes);
      }
    }
    return replace(labels, NOT_FINITE, VoteBoard.NOT_FINITE);
  }

  /**
   * The reverse seeds that an image has vote files of, in ascending order.
   *
   * @throws InputException if there are none, or the folder cannot be read
   */
  public List<Long> reverseSeeds(int image) {
    Path like = path(image, 0, Phase.SELECTION);
    String end = "-0-n0_predictions.npy";
    String begin = like.getFileName().toString();
    begin = begin.substring(0, begin.length() - end.length()) + "-";
    Pattern name = Pattern.compile(Pattern.quote(begin) + "(-?\\d{1,18})-n0_predictions\\.npy");
    try (Stream<Path> folder = Files.list(like.toAbsolutePath().getParent())) {
      List<Long> seeds =
          folder
              .map(file -> name.matcher(file.getFileName().toString()))
              .filter(Matcher::matches)
              .map(match -> Long.parseLong(match.group(1)))
              .sorted()
              .toList();
      if (seeds.isEmpty()) {
        throw InputException.of(
            "%s: there are no vote files of image %d, such as this", like, image);
      }
      return seeds;
    } catch (IOException e) {
      throw InputException.unreadable(like.toAbsolutePath().getParent(), e);
    }
  }

  /** How many labels an image's file holds. */
  public int samples(int image, long reverseSeed, Phase phase) {
    return Npy.readLongs(path(image, reverseSeed, phase)).length;
  }
}
