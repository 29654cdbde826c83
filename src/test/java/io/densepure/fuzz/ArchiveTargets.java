package io.densepure.fuzz;

import io.densepure.download.TarGzip;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** Downloaded archives. */
final class ArchiveTargets {
  private static final String ROOT = "root";

  private ArchiveTargets() {}

  /** A tar archive, compressed here; it makes plain files and folders below its own folder only. */
  static void tar(byte[] input, Path folder) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(input);
    }
    tarGzip(bytes.toByteArray(), folder);
  }

  /** As it is downloaded. */
  static void tarGzip(byte[] input, Path folder) throws IOException {
    Path home = Files.createDirectory(folder.resolve("home"));
    Path archive = Files.write(home.resolve("a.tar.gz"), input);
    try {
      TarGzip.unpack(archive, ROOT);
    } finally {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path p : all.toList()) {
          boolean expected =
              p.equals(folder)
                  || p.equals(home)
                  || p.equals(archive)
                  || p.startsWith(home.resolve(ROOT));
          Oracle.require(expected, "unpacks to " + folder.relativize(p));
          Oracle.require(!Files.isSymbolicLink(p), "makes a link");
        }
      }
    }
  }
}
