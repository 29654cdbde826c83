package io.densepure.compute.cuda;

import io.densepure.PrivateFolder;
import java.nio.file.Path;

/**
 * Loads JCuda's own native code. JCuda unpacks it from the jar into the folder for temporary files,
 * under a name that everybody knows, and if there is a file of that name already, loads that: on a
 * shared machine, anybody's. So it is given a folder of its own for that moment, which is private
 * and new.
 */
final class JCudaNatives {
  private static final String TEMPORARY = "java.io.tmpdir";

  private JCudaNatives() {}

  /**
   * To be called before anything of these classes is used, but after NVIDIA's libraries that they
   * need are loaded.
   *
   * @throws LinkageError if their native code does not load
   */
  static synchronized void load(Class<?>... bindings) {
    Path folder = PrivateFolder.temporary("densepure-jcuda-");
    String before = System.getProperty(TEMPORARY);
    System.setProperty(TEMPORARY, folder.toString());
    try {
      for (Class<?> binding : bindings) {
        Class.forName(binding.getName(), true, binding.getClassLoader());
      }
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e); // they are there already
    } finally {
      System.setProperty(TEMPORARY, before);
      PrivateFolder.delete(folder); // what is loaded stays loaded
    }
  }
}
