package io.densepure.pipeline;

import io.densepure.InputException;
import io.densepure.convert.KeyPrefix;
import io.densepure.convert.WeightFile;
import io.densepure.download.Cache;
import io.densepure.download.Catalogue;
import io.densepure.weights.Safetensors;
import io.densepure.weights.WeightStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Finds weight files by the names configurations use and opens them, whatever their format. */
public final class ModelFiles {
  private static final String BUNDLED = "bundled:";

  private ModelFiles() {}

  /**
   * Opens the weights that {@code reference} names.
   *
   * @param reference {@code bundled:NAME}, or whatever {@link WeightFile} reads; relative paths are
   *     looked up in the working directory, in {@code directory} and in {@link Cache#folder}
   * @param directory that of the configuration file, or null
   * @param purpose what the file is, for messages: "diffusion checkpoint"
   * @throws InputException if it is not found or cannot be read
   */
  public static WeightStore open(String reference, Path directory, String purpose) {
    if (reference.startsWith(BUNDLED)) {
      return Safetensors.open(extract(reference.substring(BUNDLED.length())));
    }
    Path file = find(reference, directory, purpose);
    return WeightFile.open(file, null).with(KeyPrefix.STRIP).store();
  }

  /**
   * Makes sure that {@link #open} will find the weights, without reading them.
   *
   * @throws InputException saying where they were looked for and how to get them
   */
  static void require(String reference, Path directory, String purpose) {
    if (!reference.startsWith(BUNDLED)) {
      find(reference, directory, purpose);
    }
  }

  /**
   * The absolute path of the file that {@link #open} would read; what is bundled stays as it is.
   *
   * @throws InputException as {@link #open} does if it is not found
   */
  static String locate(String reference, Path directory, String purpose) {
    return reference.startsWith(BUNDLED)
        ? reference
        : find(reference, directory, purpose).toAbsolutePath().normalize().toString();
  }

  private static Path find(String reference, Path directory, String purpose) {
    Set<Path> places = new LinkedHashSet<>();
    places.add(Path.of(reference));
    if (directory != null) {
      places.add(directory.resolve(reference));
    }
    places.add(Cache.folder().resolve(reference));
    Path name = Path.of(reference).getFileName(); // null for the root
    if (name != null) {
      places.add(Cache.folder().resolve(name));
    }
    for (Path p : withSafetensors(places)) {
      if (WeightFile.exists(p)) {
        return p;
      }
    }
    throw InputException.of(
        "%s '%s' not found; looked for: %s%s",
        purpose,
        reference,
        String.join(", ", places.stream().map(Path::toString).toList()),
        Catalogue.hint(reference));
  }

  /** A converted file beside the original one is preferred: it is mapped instead of parsed. */
  private static List<Path> withSafetensors(Set<Path> places) {
    List<Path> all = new ArrayList<>();
    for (Path p : places) {
      String file = p.getFileName().toString();
      int dot = file.lastIndexOf('.');
      if (dot > 0 && !file.endsWith(".safetensors")) {
        all.add(p.resolveSibling(file.substring(0, dot) + ".safetensors"));
      }
      all.add(p);
    }
    return all;
  }

  /** Copies a bundled file out of the jar, where it cannot be mapped, once per content. */
  private static Path extract(String name) {
    String resource = "/models/" + name + ".safetensors";
    try (InputStream in = ModelFiles.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw InputException.of(
            "there is no bundled model '%s'; the bundled ones are fashion_ddpm and fashion_wrn",
            name);
      }
      byte[] bytes = in.readAllBytes();
      Path target =
          Cache.folder()
              .resolve("bundled")
              .resolve(name + "-" + fingerprint(bytes) + ".safetensors");
      if (!Files.isRegularFile(target) || Files.size(target) != bytes.length) {
        Files.createDirectories(target.getParent());
        Path part = Files.createTempFile(target.getParent(), name, ".part");
        Files.write(part, bytes);
        Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
      }
      return target;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String fingerprint(byte[] bytes) {
    try {
      byte[] sha = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(sha, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
