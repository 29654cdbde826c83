package io.densepure.download;

import io.densepure.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * A published digest of a file, or its first digits.
 *
 * @param algorithm {@code MD5} or {@code SHA-256}
 * @param hex its digits, in lower case; fewer than all if only those were published
 */
public record Digest(String algorithm, String hex) {
  static final String SHA256 = "SHA-256";
  static final String MD5 = "MD5";
  private static final int CHUNK = 1 << 20;

  /**
   * @throws IOException if the file cannot be read
   */
  static Digest of(Path file, String algorithm) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      byte[] chunk = new byte[CHUNK];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        digest.update(chunk, 0, n);
      }
      return new Digest(algorithm, HexFormat.of().formatHex(digest.digest()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has both
    }
  }

  /** Whether {@code full} begins with these digits. */
  boolean matches(Digest full) {
    return algorithm.equals(full.algorithm) && full.hex.startsWith(hex);
  }

  /** As {@code sha256 8234f177...}. */
  @Override
  public String toString() {
    String name = algorithm.replace("-", "").toLowerCase(Locale.ROOT);
    boolean whole = hex.length() == (algorithm.equals(MD5) ? 32 : 64);
    return name + " " + hex + (whole ? "" : "...");
  }

  /** The digest that an earlier download left beside {@code file}; null if there is none. */
  static Digest remembered(Path file) {
    Path note = noteOf(file);
    if (!Files.isRegularFile(note)) {
      return null;
    }
    try {
      String hex = Files.readString(note).strip().split("\\s", 2)[0];
      if (!hex.matches("[0-9a-f]{64}")) {
        throw InputException.of("%s: holds no sha256; delete it", note);
      }
      return new Digest(SHA256, hex);
    } catch (IOException e) {
      throw InputException.unreadable(note, e);
    }
  }

  /** Writes this digest beside {@code file}, as {@code sha256sum --check} reads it. */
  void remember(Path file) {
    Path note = noteOf(file);
    try {
      Files.writeString(note, hex + "  " + file.getFileName() + "\n");
    } catch (IOException e) {
      throw InputException.unwritable(note, e);
    }
  }

  private static Path noteOf(Path file) {
    return file.resolveSibling(file.getFileName() + ".sha256");
  }
}
