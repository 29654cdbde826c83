package io.densepure.data;

import io.densepure.InputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds the pictures of a folder and their classes, in the order of torchvision's {@code
 * ImageFolder}: by class name, then by path. Nothing is decoded.
 *
 * <p>Either each class has a sub-folder, or all pictures lie in one and Kaggle's {@code
 * LOC_val_solution.csv}, in that folder or above it, says what is on them. The order is the same,
 * so the paper's sample ids mean the same pictures.
 */
final class ImageFolders {
  private static final String SOLUTION = "LOC_val_solution.csv";

  /** Where the validation set lies in ImageNet's archives, in Kaggle's first. */
  private static final List<String> VALIDATION = List.of("ILSVRC/Data/CLS-LOC/val", "val");

  private static final int FOLDERS_ABOVE = 4;

  /** Nothing that leads out of the folder. */
  private static final Pattern IMAGE_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.+-]*");

  /** torchvision's IMG_EXTENSIONS. */
  private static final Set<String> EXTENSIONS =
      Set.of("jpg", "jpeg", "png", "ppm", "bmp", "pgm", "tif", "tiff", "webp");

  private ImageFolders() {}

  /**
   * The pictures of ImageNet's validation set.
   *
   * @param path its folder, or the one that holds {@code val} or Kaggle's {@code ILSVRC}
   * @throws InputException if there are none
   */
  static LabelledFiles imagenet(Path path) {
    Path folder =
        VALIDATION.stream().map(path::resolve).filter(Files::isDirectory).findFirst().orElse(path);
    Path solution = solution(folder);
    return solution == null ? byClassFolder(folder) : bySolution(folder, solution);
  }

  /**
   * One class per sub-folder.
   *
   * @throws InputException if there is no sub-folder, or one without pictures
   */
  static LabelledFiles byClassFolder(Path folder) {
    List<String> classes = new ArrayList<>();
    List<Path> files = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (Path sub : list(folder)) {
      if (Files.isDirectory(sub)) {
        List<Path> found = pictures(sub);
        if (found.isEmpty()) {
          throw InputException.of("%s: holds no pictures, but every sub-folder is a class", sub);
        }
        found.forEach(file -> labels.add(classes.size()));
        files.addAll(found);
        classes.add(sub.getFileName().toString());
      }
    }
    if (classes.isEmpty()) {
      throw InputException.of(
          "%s: has no sub-folders; pictures must lie in one folder per class (or, for imagenet,"
              + " beside %s)",
          folder, SOLUTION);
    }
    return new LabelledFiles(folder, files, labels, classes);
  }

  /** Sorted by name. */
  private static List<Path> list(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted(Comparator.comparing(p -> p.getFileName().toString())).toList();
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  /** At any depth: those of one folder together, folders in the order of their paths. */
  private static List<Path> pictures(Path folder) {
    try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      return all.filter(ImageFolders::isPicture)
          .sorted(
              Comparator.comparing((Path p) -> p.getParent().toString())
                  .thenComparing(p -> p.getFileName().toString()))
          .toList();
    } catch (IOException e) {
      throw unreadable(folder, e);
    } catch (UncheckedIOException e) {
      throw unreadable(folder, e.getCause());
    }
  }

  private static boolean isPicture(Path p) {
    String name = p.getFileName().toString();
    String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return EXTENSIONS.contains(extension) && Files.isRegularFile(p);
  }

  private static InputException unreadable(Path folder, IOException e) {
    return new InputException(folder + ": cannot be listed: " + e.getMessage(), e);
  }

  /** Kaggle's file in the folder or up to four above it; null if there is none. */
  private static Path solution(Path folder) {
    Path above = folder.toAbsolutePath().normalize();
    for (int i = 0; i <= FOLDERS_ABOVE && above != null; i++, above = above.getParent()) {
      if (Files.isRegularFile(above.resolve(SOLUTION))) {
        boolean flat = list(folder).stream().noneMatch(Files::isDirectory);
        return flat || above.equals(folder) ? above.resolve(SOLUTION) : null;
      }
    }
    return null;
  }

  /** Lines {@code ILSVRC2012_val_00048981,n03995372 85 1 499 272 …}: file and first class. */
  private static LabelledFiles bySolution(Path folder, Path solution) {
    Map<String, List<String>> byClass = new TreeMap<>();
    try (BufferedReader lines = Files.newBufferedReader(solution)) {
      lines.readLine(); // the header
      int number = 1;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        String[] parts = line.trim().split("[, ]", 3);
        if (parts.length < 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
          throw InputException.of(
              "%s: line %d is not an image and a class: %s",
              solution, number, InputException.quote(line));
        }
        if (!IMAGE_NAME.matcher(parts[0]).matches()) {
          throw InputException.of(
              "%s: line %d: %s is no name of an image in this folder",
              solution, number, InputException.quote(parts[0]));
        }
        byClass.computeIfAbsent(parts[1], c -> new ArrayList<>()).add(parts[0] + ".JPEG");
      }
    } catch (IOException e) {
      throw new InputException(solution + ": cannot be read: " + e.getMessage(), e);
    }
    List<Path> files = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    List<String> classes = new ArrayList<>(byClass.keySet());
    for (int label = 0; label < classes.size(); label++) {
      for (String name : byClass.get(classes.get(label)).stream().sorted().toList()) {
        files.add(folder.resolve(name));
        labels.add(label);
      }
    }
    if (files.isEmpty()) {
      throw InputException.of("%s: lists no images", solution);
    }
    return new LabelledFiles(folder, files, labels, classes);
  }
}
