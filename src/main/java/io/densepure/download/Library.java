package io.densepure.download;

import io.densepure.InputException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A folder of downloads: what of the {@link Catalogue} is there, and fetching what is not. */
public final class Library {
  private final Path folder;

  public Library(Path folder) {
    this.folder = folder;
  }

  /**
   * How to fetch.
   *
   * @param mirror where all files are, under their names here; null for the published addresses
   * @param patience how long a server may be silent
   * @param retries how often to try again without any bytes coming in
   * @param anew whether to fetch what is there already
   * @param environment where proxies are named
   */
  public record Options(
      URI mirror, Duration patience, int retries, boolean anew, Map<String, String> environment) {}

  /**
   * What was done for one file.
   *
   * @param path the file or, of an archive, the folder it unpacked to
   * @param fetched false if it was there
   * @param sha256 of the file; null for an archive that was unpacked before
   * @param pinned whether it was compared with a published digest
   */
  public record Result(Path path, boolean fetched, Digest sha256, boolean pinned) {}

  /** Hears what goes on. */
  public interface Observer {
    /**
     * @param total length of the file in bytes; -1 if unknown
     */
    void progress(String file, long done, long total);

    /** Something worth a line. */
    void note(String line);
  }

  /** How much of an entry is there. */
  public enum State {
    HERE,
    PARTLY,
    MISSING
  }

  /** {@code text} as an address that can be fetched; empty if it is none. */
  public static Optional<URI> httpAddress(String text) {
    try {
      URI url = URI.create(text);
      boolean http = "http".equalsIgnoreCase(url.getScheme());
      boolean https = "https".equalsIgnoreCase(url.getScheme());
      return (http || https) && url.getHost() != null ? Optional.of(url) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** How much of {@code entry} is there, by the names of its files. */
  public State state(Catalogue.Entry entry) {
    Path home = folder.resolve(entry.folder());
    if (entry.files().isEmpty()) {
      return Files.isDirectory(home) && !entry.folder().isEmpty() ? State.HERE : State.MISSING;
    }
    long here = entry.files().stream().filter(f -> Files.exists(home.resolve(f.result()))).count();
    long begun =
        entry.files().stream()
            .filter(f -> Files.exists(PartFile.pathOf(home.resolve(f.name()))))
            .count();
    if (here == entry.files().size()) {
      return State.HERE;
    }
    return here + begun > 0 ? State.PARTLY : State.MISSING;
  }

  /**
   * Fetches what is missing of {@code entry} and checks what is there.
   *
   * @throws InputException if a file cannot be fetched or is not what was published, or the entry
   *     cannot be fetched at all
   */
  public List<Result> fetch(Catalogue.Entry entry, Options options, Observer observer) {
    if (entry.files().isEmpty()) {
      throw InputException.of("%s cannot be fetched: %s", entry.name(), entry.manual());
    }
    Downloader downloader =
        new Downloader(options.patience, options.retries, options.environment, observer);
    List<Result> results = new ArrayList<>();
    for (RemoteFile published : entry.files()) {
      RemoteFile file = options.mirror == null ? published : published.at(options.mirror);
      Path target = folder.resolve(entry.folder()).resolve(file.name());
      results.add(obtain(file, target, options.anew, downloader, observer));
    }
    return results;
  }

  private static Result obtain(
      RemoteFile file, Path target, boolean anew, Downloader downloader, Observer observer) {
    Path result = target.resolveSibling(file.result());
    boolean archive = file.unpacksTo() != null;
    if (archive && Files.isDirectory(result) && !anew) {
      return new Result(result, false, null, true);
    }
    boolean fetch = anew || !Files.exists(target);
    Digest before = Digest.remembered(target);
    Digest sha256 = fetch ? downloader.fetch(file, target) : check(file, target);
    if (fetch && before != null && !before.equals(sha256)) {
      observer.note(
          "%s: another file than was downloaded before: now %s, then %s"
              .formatted(target, sha256, before));
    }
    if (archive) {
      TarGzip.unpack(target, file.unpacksTo());
      delete(target);
    } else {
      sha256.remember(target);
    }
    return new Result(result, fetch, sha256, file.pinned());
  }

  /** The digest of a file that is there, perhaps brought by other means. */
  private static Digest check(RemoteFile file, Path target) {
    try {
      Digest sha256 = Digest.of(target, Digest.SHA256);
      String wrong = Downloader.misfit(file, target, sha256);
      Digest remembered = Digest.remembered(target);
      if (wrong == null && remembered != null && !remembered.equals(sha256)) {
        wrong = "its digest is %s, but %s was downloaded".formatted(sha256, remembered);
      }
      if (wrong != null) {
        throw InputException.of("%s: %s; --force fetches it anew", target, wrong);
      }
      return sha256;
    } catch (IOException e) {
      throw InputException.unreadable(target, e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw InputException.unwritable(file, e);
    }
  }
}
