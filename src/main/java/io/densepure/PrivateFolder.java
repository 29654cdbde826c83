package io.densepure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Folders that nobody else can write to or look into. Code is loaded only from such: on a machine
 * with other users, what lies in a folder that is everybody's may be anybody's.
 */
public final class PrivateFolder {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private PrivateFolder() {}

  /**
   * Makes a folder private, and makes it first if it is not there.
   *
   * @return empty if that cannot be done, because it or one above it belongs to somebody else
   */
  public static Optional<Path> at(Path folder) {
    try {
      Path above = folder.toAbsolutePath().getParent();
      if (above != null) {
        Files.createDirectories(above);
      }
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
      }
      if (!Files.getOwner(folder).equals(Files.getOwner(Path.of("/proc/self")))) {
        return Optional.empty();
      }
      Files.setPosixFilePermissions(folder, OWNER_ONLY);
      return Optional.of(folder);
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  /**
   * A new one, for as long as the process lives at most.
   *
   * @throws DeviceException if the folder for temporary files cannot be written to
   */
  public static Path temporary(String name) {
    try {
      return Files.createTempDirectory(name); // rwx------
    } catch (IOException e) {
      throw new DeviceException(
          "no temporary folder can be made in %s (%s); name another with -Djava.io.tmpdir=DIR"
              .formatted(System.getProperty("java.io.tmpdir"), InputException.reason(e)),
          e);
    }
  }

  /** Deletes it with all that is in it, as far as that is possible. */
  public static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      // what is left is still private
    }
  }
}
