package io.densepure.download;

import io.densepure.InputException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** Unpacks {@code .tar.gz} archives whose content is one folder. */
public final class TarGzip {
  private static final long MOST_BYTES = 1L << 36;
  private static final int MOST_FILES = 100_000;

  private final Path archive;
  private final String root;
  private final Path staging;
  private long bytes;
  private int files;

  private TarGzip(Path archive, String root) {
    this.archive = archive;
    this.root = root;
    this.staging = archive.resolveSibling(root + ".part");
  }

  /**
   * Unpacks {@code archive} beside itself. The folder appears under its name only when all of it is
   * there; one that is already there is replaced.
   *
   * @param root the folder at the top of the archive
   * @throws InputException if the archive is damaged, holds anything outside that folder or
   *     anything but files and folders, or the disk is full
   */
  public static void unpack(Path archive, String root) {
    new TarGzip(archive, root).unpack();
  }

  private void unpack() {
    try {
      delete(staging);
      try (InputStream in = Files.newInputStream(archive);
          TarArchiveInputStream tar =
              new TarArchiveInputStream(
                  new GzipCompressorInputStream(new BufferedInputStream(in)))) {
        for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
          unpack(e, tar);
        }
      }
      Path unpacked = staging.resolve(root);
      if (!Files.isDirectory(unpacked)) {
        throw InputException.of("%s: has no folder '%s'", archive, root);
      }
      delete(archive.resolveSibling(root));
      Files.move(unpacked, archive.resolveSibling(root), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new InputException(archive + ": cannot be unpacked: " + InputException.reason(e), e);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      // The library checks some headers only by using them.
      throw new InputException(archive + ": cannot be unpacked: it is damaged: " + e, e);
    } finally {
      deleteQuietly();
    }
  }

  private void unpack(TarArchiveEntry entry, TarArchiveInputStream tar) throws IOException {
    boolean plain = entry.isFile() && !entry.isLink() && !entry.isSymbolicLink();
    Path to = target(entry.getName());
    if (to == null || !plain && !entry.isDirectory() || entry.isSparse()) {
      throw InputException.of(
          "%s: holds %s, which is not a file or folder below '%s'; refused",
          archive, InputException.quote(entry.getName()), root);
    }
    bytes += entry.getSize();
    files++;
    if (bytes > MOST_BYTES || files > MOST_FILES) {
      throw InputException.of("%s: unpacks to far more than a data set; refused", archive);
    }
    if (entry.isDirectory()) {
      Files.createDirectories(to);
    } else {
      Files.createDirectories(to.getParent());
      Files.copy(tar, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Where an entry goes; null if that is not below the archive's one folder. */
  private Path target(String name) {
    try {
      Path to = staging.resolve(name).normalize();
      return to.startsWith(staging.resolve(root)) ? to : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private void deleteQuietly() {
    try {
      delete(staging);
    } catch (IOException e) {
      // the next run deletes it first
    }
  }

  /** A folder with all that is in it; links are not followed. */
  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(folder)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path p : deepestFirst) {
      Files.delete(p);
    }
  }
}
