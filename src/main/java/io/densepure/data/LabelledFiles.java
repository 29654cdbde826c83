package io.densepure.data;

import io.densepure.InputException;
import java.nio.file.Path;
import java.util.List;

/**
 * Picture files and their classes, not decoded.
 *
 * @param folder where they lie
 * @param labels one per file, indices into {@code classNames}
 */
record LabelledFiles(Path folder, List<Path> files, List<Integer> labels, List<String> classNames) {
  LabelledFiles {
    files = List.copyOf(files);
    labels = List.copyOf(labels);
    classNames = classNames.stream().map(InputException::printable).toList();
  }
}
