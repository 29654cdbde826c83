package io.densepure.download;

import io.densepure.InputException;
import io.densepure.Settings;
import io.densepure.config.YamlFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The data sets and weights that can be fetched by name: {@code downloads.yml}. */
public final class Catalogue {
  private static final String RESOURCE = "/downloads.yml";
  private static final Set<String> ENTRY_KEYS =
      Set.of("about", "aliases", "folder", "files", "manual");
  private static final Set<String> FILE_KEYS =
      Set.of("name", "urls", "bytes", "md5", "sha256", "unpack");
  private static final String FILE_NAME = "[A-Za-z0-9_][A-Za-z0-9_.+-]*";

  /**
   * A data set or the weights of a network.
   *
   * @param name what users call it
   * @param about one line for people
   * @param aliases other names for it
   * @param folder where its files go, below the folder of all downloads; empty for that itself
   * @param files what it consists of; empty if it cannot be fetched
   * @param manual how to get it if it cannot be fetched; null otherwise
   */
  public record Entry(
      String name,
      String about,
      List<String> aliases,
      String folder,
      List<RemoteFile> files,
      String manual) {

    private boolean isCalled(String wanted) {
      return Stream.concat(Stream.of(name), aliases.stream()).anyMatch(wanted::equalsIgnoreCase);
    }

    /** Whether a path ends as one of the files does below the folder of all downloads. */
    private boolean has(Path wanted) {
      return files.stream().anyMatch(f -> wanted.endsWith(Path.of(folder, f.name())));
    }

    private boolean hasFile(String wanted) {
      return files.stream().anyMatch(f -> f.name().equals(wanted));
    }
  }

  private final List<Entry> entries = new ArrayList<>();

  private Catalogue(Settings root) {
    for (String name : root.keys()) {
      entries.add(entry(name, root.section(name)));
    }
  }

  /** The one that comes with the program. */
  public static Catalogue load() {
    try (InputStream in = Catalogue.class.getResourceAsStream(RESOURCE)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return new Catalogue(YamlFile.parse("the built-in catalogue", text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads one in the same form as the program's.
   *
   * @throws InputException naming the file and what is wrong in it
   */
  public static Catalogue read(Path file) {
    return new Catalogue(YamlFile.read(file));
  }

  /** In the order of the file. */
  public List<Entry> entries() {
    return List.copyOf(entries);
  }

  /**
   * The entry of that name or alias, in any case, or with a file of that name.
   *
   * @throws InputException listing the names if there is none
   */
  public Entry find(String name) {
    return entries.stream()
        .filter(e -> e.isCalled(name) || e.hasFile(name))
        .findFirst()
        .orElseThrow(
            () ->
                InputException.of(
                    "nothing called %s can be downloaded; there are: %s",
                    InputException.quote(name),
                    entries.stream().map(Entry::name).collect(Collectors.joining(", "))));
  }

  /**
   * The end of a message about a missing file: the command that fetches it, or how else to get it;
   * empty if nothing is known of it.
   *
   * @param wanted a data set's name, or a path of weights, of which the end counts
   */
  public static String hint(String wanted) {
    Path path = Path.of(wanted);
    String name = String.valueOf(path.getFileName());
    return load().entries.stream()
        .filter(e -> e.isCalled(name) || e.has(path))
        .findFirst()
        .map(
            e ->
                e.files.isEmpty()
                    ? "; " + e.about + ": " + e.manual
                    : "; './densepure download " + e.name + "' gets it")
        .orElse("");
  }

  private static Entry entry(String name, Settings s) {
    s.requireKnown(name, ENTRY_KEYS);
    List<RemoteFile> files = new ArrayList<>();
    for (Object file : s.list("files")) {
      files.add(file(new Settings(s.source(), Map.of("file", file)).section("file")));
    }
    if (files.isEmpty() != s.has("manual")) {
      throw InputException.of("%s: '%s' needs either 'files' or 'manual'", s.source(), name);
    }
    Path folder = Path.of(s.path("folder", ""));
    if (folder.isAbsolute() || folder.startsWith("..") || !folder.equals(folder.normalize())) {
      throw InputException.of("%s: 'folder' of '%s' must be a folder below", s.source(), name);
    }
    return new Entry(
        name,
        s.text("about", ""),
        s.list("aliases").stream().map(String::valueOf).toList(),
        s.text("folder", ""),
        files,
        s.text("manual", null));
  }

  private static RemoteFile file(Settings s) {
    s.requireKnown("files", FILE_KEYS);
    List<Digest> digests = new ArrayList<>();
    if (s.has("sha256")) {
      digests.add(new Digest(Digest.SHA256, matching(s, "sha256", "[0-9a-f]{8,64}")));
    }
    if (s.has("md5")) {
      digests.add(new Digest(Digest.MD5, matching(s, "md5", "[0-9a-f]{32}")));
    }
    return new RemoteFile(
        matching(s, "name", FILE_NAME),
        s.list("urls").stream().map(url -> url(s, url.toString())).toList(),
        s.has("bytes") ? Long.parseLong(matching(s, "bytes", "\\d{1,15}")) : -1,
        digests,
        s.has("unpack") ? matching(s, "unpack", FILE_NAME) : null);
  }

  private static String matching(Settings s, String key, String pattern) {
    String value = s.text(key, "");
    if (!value.matches(pattern)) {
      throw InputException.of(
          "%s: '%s' is %s, not of the form %s",
          s.source(), key, InputException.quote(value), pattern);
    }
    return value;
  }

  private static URI url(Settings s, String text) {
    return Library.httpAddress(text)
        .orElseThrow(
            () ->
                InputException.of(
                    "%s: %s is no http address", s.source(), InputException.quote(text)));
  }
}
