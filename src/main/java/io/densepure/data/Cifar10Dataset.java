package io.densepure.data;

import io.densepure.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * CIFAR-10's test set: [3, 32, 32], pixels / 255, from the archive's Python version or its binary
 * one.
 */
public final class Cifar10Dataset {
  static final String NAME = "cifar10";
  static final int CHANNELS = 3;
  static final int SIDE = 32;
  static final int PIXELS = CHANNELS * SIDE * SIDE;
  private static final int RECORD = 1 + PIXELS;
  private static final long MAX_BYTES = 60_000L * RECORD; // the whole of CIFAR-10 in one file

  private static final List<String> FILES =
      List.of(
          "cifar-10-batches-py/test_batch",
          "test_batch",
          "cifar-10-batches-bin/test_batch.bin",
          "test_batch.bin");

  static final List<String> CLASS_NAMES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private Cifar10Dataset() {}

  /**
   * @param path the file {@code test_batch} or {@code test_batch.bin}, or the folder of it, or the
   *     folder above that
   * @throws InputException naming the file that is missing or damaged
   */
  public static Dataset load(Path path) {
    Path file = Files.isDirectory(path) ? find(path) : path;
    return Cifar10Pickle.begins(firstByte(file)) ? Cifar10Pickle.read(file) : binary(file);
  }

  /** A data set of these pixels, [N, 3, 32, 32], and labels. */
  static Dataset of(Path file, List<String> classNames, byte[] pixels, int[] labels) {
    return new ByteImages(NAME, file.toString(), classNames, CHANNELS, SIDE, SIDE, pixels, labels);
  }

  private static Path find(Path folder) {
    for (String candidate : FILES) {
      if (Files.isRegularFile(folder.resolve(candidate))) {
        return folder.resolve(candidate);
      }
    }
    throw InputException.of(
        "%s: has no CIFAR-10 test set, which is one of %s", folder, String.join(", ", FILES));
  }

  private static int firstByte(Path file) {
    if (!Files.isRegularFile(file)) {
      throw InputException.of("%s: no such file", file);
    }
    try (InputStream in = Files.newInputStream(file)) {
      return in.read();
    } catch (IOException e) {
      throw InputException.unreadable(file, e);
    }
  }

  private static Dataset binary(Path file) {
    byte[] bytes = readAll(file, MAX_BYTES);
    int n = bytes.length / RECORD;
    if (n == 0 || bytes.length % RECORD != 0) {
      throw InputException.of(
          "%s: is %d bytes long, not a multiple of %d (a label and 3x32x32 pixels): it is cut off"
              + " or no CIFAR-10 file",
          file, bytes.length, RECORD);
    }
    byte[] pixels = new byte[n * PIXELS];
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = bytes[i * RECORD] & 0xff;
      System.arraycopy(bytes, i * RECORD + 1, pixels, i * PIXELS, PIXELS);
    }
    return of(file, classNames(file), pixels, labels);
  }

  /** The names beside the batch, if the archive's file of them is there. */
  private static List<String> classNames(Path batch) {
    Path meta = batch.resolveSibling("batches.meta.txt");
    if (!Files.isRegularFile(meta)) {
      return CLASS_NAMES;
    }
    String text = new String(readAll(meta, 10_000), StandardCharsets.UTF_8);
    List<String> names = text.lines().map(String::strip).filter(s -> !s.isEmpty()).toList();
    if (names.size() != CLASS_NAMES.size()) {
      throw InputException.of("%s: names %d classes, not 10", meta, names.size());
    }
    return names;
  }

  private static byte[] readAll(Path file, long limit) {
    try {
      if (Files.size(file) > limit) {
        throw InputException.of(
            "%s: is %d bytes long, more than the %d that it can be", file, Files.size(file), limit);
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw InputException.unreadable(file, e);
    }
  }
}
