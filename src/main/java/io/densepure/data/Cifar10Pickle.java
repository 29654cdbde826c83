package io.densepure.data;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.densepure.InputException;
import io.densepure.convert.pickle.PickledArray;
import io.densepure.convert.pickle.Unpickler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The Python version of CIFAR-10: a pickled dictionary with {@code data} and {@code labels}. */
final class Cifar10Pickle {
  private Cifar10Pickle() {}

  /**
   * Whether a file of CIFAR-10 that begins so is a pickle; the binary version has a label there.
   */
  static boolean begins(int firstByte) {
    return firstByte == 0x80 || firstByte == '(';
  }

  /**
   * @throws InputException naming the file if it is damaged, not safe or holds something else
   */
  static Dataset read(Path file) {
    Map<?, ?> batch = dictionary(file);
    if (!(batch.get("data") instanceof PickledArray data)
        || !(batch.get("labels") instanceof List<?> labels)) {
      throw InputException.of("%s: is no batch of CIFAR-10: it has no data and labels", file);
    }
    int[] shape = data.shape();
    int[] expected = {labels.size(), Cifar10Dataset.PIXELS};
    if (!Arrays.equals(shape, expected) || !data.dtype().equals("|u1")) {
      throw InputException.of(
          "%s: its data are %s of %s, but %d labels need |u1 of %s",
          file, data.dtype(), Arrays.toString(shape), labels.size(), Arrays.toString(expected));
    }
    return Cifar10Dataset.of(file, classNames(file), data.bytes(), labels(file, labels));
  }

  private static int[] labels(Path file, List<?> labels) {
    int[] classes = new int[labels.size()];
    for (int i = 0; i < classes.length; i++) {
      if (!(labels.get(i) instanceof Long label) || label != label.intValue()) {
        throw InputException.of("%s: the label of image %d is no integer", file, i);
      }
      classes[i] = label.intValue();
    }
    return classes;
  }

  /** The names beside the batch, if the archive's file of them is there. */
  private static List<String> classNames(Path batch) {
    Path meta = batch.resolveSibling("batches.meta");
    if (!Files.isRegularFile(meta)) {
      return Cifar10Dataset.CLASS_NAMES;
    }
    if (dictionary(meta).get("label_names") instanceof List<?> names
        && names.size() == Cifar10Dataset.CLASS_NAMES.size()
        && names.stream().allMatch(name -> name instanceof String || name instanceof byte[])) {
      return names.stream().map(Cifar10Pickle::text).toList();
    }
    throw InputException.of("%s: has no label_names of 10 classes", meta);
  }

  private static String text(Object name) {
    return name instanceof byte[] bytes ? new String(bytes, ISO_8859_1) : (String) name;
  }

  private static Map<?, ?> dictionary(Path file) {
    if (Unpickler.read(file) instanceof Map<?, ?> dictionary) {
      return dictionary;
    }
    throw InputException.of("%s: is no pickled dictionary of CIFAR-10", file);
  }
}
