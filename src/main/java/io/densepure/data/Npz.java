package io.densepure.data;

import io.densepure.InputException;
import io.densepure.compute.HostTensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * NumPy's {@code .npz}: a zip archive of {@code .npy} files, as {@code np.savez} and {@code
 * np.savez_compressed} write it. Arrays are read when asked for.
 *
 * <p>NumPy writes ZIP64 local headers with unknown sizes, so entries are found through the central
 * directory.
 */
public final class Npz implements AutoCloseable {
  private static final String SUFFIX = ".npy";

  private final Path file;
  private final ZipFile zip;
  private final Set<String> names = new TreeSet<>();

  private Npz(Path file, ZipFile zip) {
    this.file = file;
    this.zip = zip;
    zip.stream()
        .map(ZipEntry::getName)
        .filter(n -> n.endsWith(SUFFIX))
        .forEach(n -> names.add(n.substring(0, n.length() - SUFFIX.length())));
  }

  /**
   * @throws InputException naming the file if it is absent or no zip archive
   */
  public static Npz open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw InputException.of("%s: no such file", file);
    }
    try {
      return new Npz(file, new ZipFile(file.toFile()));
    } catch (IOException e) {
      throw new InputException(file + ": is not an .npz file: " + e.getMessage(), e);
    }
  }

  /** Names of the arrays, without {@code .npy}, sorted. */
  public Set<String> names() {
    return Collections.unmodifiableSet(names);
  }

  public boolean has(String name) {
    return names.contains(name);
  }

  /**
   * The array of that name.
   *
   * @throws InputException naming the file and the array if there is none or it is damaged
   */
  public HostTensor get(String name) {
    ZipEntry entry = zip.getEntry(name + SUFFIX);
    if (entry == null) {
      throw InputException.of("%s: holds no array '%s'; it has %s", file, name, names);
    }
    try (InputStream in = zip.getInputStream(entry)) {
      return Npy.read(file + "[" + name + "]", name, in, entry.getSize());
    } catch (IOException e) {
      throw new InputException(file + "[" + name + "]: cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      throw new InputException(file + ": " + e.getMessage(), e);
    }
  }
}
