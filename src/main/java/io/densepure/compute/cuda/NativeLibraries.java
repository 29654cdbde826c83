package io.densepure.compute.cuda;

import io.densepure.compute.JavaCpp;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Loader;

/**
 * Finds NVIDIA's libraries before any JCuda class is touched, so that a missing one is a sentence
 * and not an {@link UnsatisfiedLinkError}. Once loaded under its name, a library serves JCuda's own
 * natives as well.
 */
final class NativeLibraries {
  /**
   * Folders, separated like a class path, in which NVIDIA's libraries are looked for before the
   * system's own search: a CUDA toolkit or a Python wheel that is not on the loader's path.
   */
  static final String FOLDERS_PROPERTY = "densepure.cuda.libraries";

  static {
    JavaCpp.configure();
  }

  private NativeLibraries() {}

  /**
   * Loads a shared library by its file name, as {@code libcudnn.so.9}.
   *
   * @return whether it was found
   */
  static boolean load(String fileName) {
    List<String> candidates = new ArrayList<>();
    for (String folder : System.getProperty(FOLDERS_PROPERTY, "").split(File.pathSeparator)) {
      File file = new File(folder, fileName);
      if (!folder.isEmpty() && file.exists()) {
        candidates.add(file.getAbsolutePath());
      }
    }
    candidates.add(fileName);
    return candidates.stream().anyMatch(NativeLibraries::open);
  }

  private static boolean open(String path) {
    try {
      Loader.loadGlobal(path);
      return true;
    } catch (LinkageError e) {
      return false;
    }
  }
}
