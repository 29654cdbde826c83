package io.densepure.cli;

import io.densepure.InputException;
import io.densepure.download.Cache;
import io.densepure.download.Catalogue;
import io.densepure.download.Library;
import io.densepure.download.RemoteFile;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code download}: published data sets and weights. */
@Command(
    name = "download",
    sortOptions = false,
    description = {
      "Fetch published data sets and weights to where the other commands look for them. Without"
          + " names, list what there is. An interrupted download goes on where it ended; files are"
          + " compared with what was published of them."
    },
    footer = {
      "",
      "Proxies are taken from https_proxy, http_proxy, all_proxy and no_proxy.",
      "",
      "Examples:",
      "  densepure download",
      "  densepure download cifar10 improved-ddpm vit",
      "  densepure download guided-ddpm --url https://mirror.example.org/densepure"
    })
final class DownloadCommand implements Callable<Integer> {
  private static final int MEGA = 1_000_000;

  @Parameters(paramLabel = "NAME", description = "What to fetch; see the list.")
  private List<String> names = List.of();

  @Option(names = "--all", description = "Fetch everything that can be fetched.")
  private boolean all;

  @Option(
      names = "--dir",
      paramLabel = "FOLDER",
      description = "Where files go. Default: $DENSEPURE_HOME, or ~/.cache/densepure.")
  private Path folder;

  @Option(
      names = "--url",
      paramLabel = "BASE",
      description =
          "A mirror, which has each file as BASE/FILE under the name that the list shows, in place"
              + " of the published addresses.")
  private String mirror;

  @Option(
      names = "--catalogue",
      paramLabel = "FILE",
      description = "A list of your own in the form of this program's downloads.yml.")
  private Path catalogue;

  @Option(names = "--force", description = "Fetch what is there already, too.")
  private boolean force;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "How long a server may be silent. Default: 60.")
  private double timeout;

  @Option(
      names = "--retries",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often to try again while nothing more arrives. Default: 5.")
  private int retries;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Catalogue known = catalogue == null ? Catalogue.load() : Catalogue.read(catalogue);
    Path home = folder == null ? Cache.folder() : folder;
    Library library = new Library(home);
    PrintWriter out = spec.commandLine().getOut();
    if (names.isEmpty() && !all) {
      list(known, library, home, out);
    } else {
      Library.Options options = options();
      for (Catalogue.Entry entry : chosen(known)) {
        fetch(entry, library, options, out);
      }
    }
    out.flush();
    return 0;
  }

  private List<Catalogue.Entry> chosen(Catalogue known) {
    return all
        ? known.entries().stream().filter(e -> !e.files().isEmpty()).toList()
        : names.stream().map(known::find).distinct().toList();
  }

  private Library.Options options() {
    if (!(timeout >= 0.1 && timeout <= 86_400)) {
      throw InputException.of("--timeout must be between 0.1 and 86400 seconds, not %s", timeout);
    }
    if (retries < 0 || retries > 1000) {
      throw InputException.of("--retries must be between 0 and 1000, not %d", retries);
    }
    return new Library.Options(
        mirror == null ? null : mirrorAddress(),
        Duration.ofMillis(Math.round(timeout * 1000)),
        retries,
        force,
        System.getenv());
  }

  private URI mirrorAddress() {
    return Library.httpAddress(mirror)
        .orElseThrow(
            () -> InputException.of("--url %s is no http address", InputException.quote(mirror)));
  }

  private void fetch(
      Catalogue.Entry entry, Library library, Library.Options options, PrintWriter out) {
    List<Library.Result> results;
    try (DownloadProgress progress = new DownloadProgress()) {
      results = library.fetch(entry, options, progress);
    }
    for (Library.Result r : results) {
      out.printf("%s: %s%s%n", r.path(), r.fetched() ? "fetched" : "there already", verdict(r));
    }
    out.flush();
  }

  private static String verdict(Library.Result r) {
    if (r.sha256() == null) {
      return "";
    }
    return r.pinned()
        ? ", as published (" + r.sha256() + ")"
        : "; no digest of it was published, this one has " + r.sha256();
  }

  private void list(Catalogue known, Library library, Path home, PrintWriter out) {
    int width = known.entries().stream().mapToInt(e -> e.name().length()).max().orElse(1);
    String row = "%-" + width + "s  %-8s  %s%n";
    for (Catalogue.Entry e : known.entries()) {
      out.printf(row, e.name(), state(library.state(e), e), e.about());
      for (RemoteFile file : e.files()) {
        String size = file.bytes() < 0 ? "" : ", " + ByteCount.of(file.bytes());
        out.printf(
            row, "", "", file.name() + size + (file.pinned() ? "" : ", no digest published"));
      }
      if (e.manual() != null) {
        out.printf(row, "", "", e.manual());
      }
    }
    out.printf("%nFolder: %s%nTo fetch: densepure download NAME ...%n", home);
  }

  private static String state(Library.State state, Catalogue.Entry e) {
    if (state == Library.State.MISSING && e.files().isEmpty()) {
      return "by hand";
    }
    return switch (state) {
      case HERE -> "here";
      case PARTLY -> "partly";
      case MISSING -> "-";
    };
  }

  /** One bar a file, and what goes wrong on the way, on stderr. */
  private static final class DownloadProgress implements Library.Observer, AutoCloseable {
    private String file;
    private ProgressReporter bar;

    @Override
    public void progress(String name, long done, long total) {
      long megabytes = Math.max(1, Math.max(done, total) / MEGA);
      if (!name.equals(file)) {
        close();
        file = name;
        bar = new ProgressReporter("download", "MB", megabytes);
      }
      bar.update(done / MEGA, megabytes, name);
    }

    @Override
    public void note(String line) {
      System.err.printf(Locale.ROOT, "%s%n", line);
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
      }
    }
  }
}
