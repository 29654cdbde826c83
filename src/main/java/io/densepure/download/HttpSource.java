package io.densepure.download;

import io.densepure.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Transfers a file, or the rest of one, by HTTP. Follows redirects, but not from https to http. */
final class HttpSource {
  private static final int OK = 200;
  private static final int PARTIAL = 206;
  private static final int RANGE_NOT_SATISFIABLE = 416;
  private static final int CHUNK = 1 << 16;
  private static final long MOST_BYTES = 1L << 36;
  private static final Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-\\d+/(\\d{1,18}|\\*)");
  private static final Pattern LENGTH = Pattern.compile("bytes \\*/(\\d{1,18})");

  static {
    // By default the JDK tells no password to proxies for https; it reads this once.
    String disabled = "jdk.http.auth.tunneling.disabledSchemes";
    System.setProperty(disabled, System.getProperty(disabled, ""));
  }

  /** What asking again later or elsewhere may help against. */
  static final class Failure extends IOException {
    private static final long serialVersionUID = 1L;
    private final boolean lasting;
    private final Duration wait;

    private Failure(String message, boolean lasting, Duration wait) {
      super(message);
      this.lasting = lasting;
      this.wait = wait;
    }

    static Failure lasting(String format, Object... args) {
      return new Failure(String.format(Locale.ROOT, format, args), true, Duration.ZERO);
    }

    static Failure passing(String format, Object... args) {
      return new Failure(String.format(Locale.ROOT, format, args), false, Duration.ZERO);
    }

    /** Whether the same address will answer the same again. */
    boolean isLasting() {
      return lasting;
    }

    /** How long the server asks to be left alone. */
    Duration retryAfter() {
      return wait;
    }
  }

  private final HttpClient client;
  private final Duration patience;

  /**
   * @param patience how long nothing may arrive
   * @param environment where proxies are named
   */
  HttpSource(Duration patience, Map<String, String> environment) {
    Proxies proxies = new Proxies(environment);
    this.patience = patience;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(patience)
            .proxy(proxies)
            .authenticator(proxies.passwords())
            .build();
  }

  /**
   * Asks for what is missing and appends it.
   *
   * @param progress told the length of the part and of the whole (-1 if unknown)
   * @throws Failure if not all arrived
   * @throws IOException if the connection failed
   */
  void transfer(RemoteFile file, URI url, PartFile part, Progress progress) throws IOException {
    HttpResponse<InputStream> response = send(request(file, url, part));
    try (InputStream body = response.body()) {
      long total = begin(file, url, part, response);
      if (total == part.size() && response.statusCode() == RANGE_NOT_SATISFIABLE) {
        return; // all of it had arrived
      }
      checkSpace(part.path(), total - part.size());
      copy(body, part, total, progress);
      if (total >= 0 && part.size() != total) {
        throw Failure.passing("the connection ended after %d of %d bytes", part.size(), total);
      }
    }
  }

  /** Told how much has arrived. */
  interface Progress {
    void at(long done, long total);
  }

  private HttpRequest request(RemoteFile file, URI url, PartFile part) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url).timeout(patience).header("User-Agent", "densepure").GET();
    String validator = part.validatorAt(url);
    // Without a validator the rest may be another file's; then only a digest can tell.
    if (part.size() > 0 && (!validator.isEmpty() || file.pinned())) {
      request.header("Range", "bytes=" + part.size() + "-");
      if (!validator.isEmpty()) {
        request.header("If-Range", validator);
      }
    }
    return request.build();
  }

  private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
    try {
      return client.send(request, BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw InputException.of("interrupted");
    }
  }

  /** Prepares the part for what comes, and returns the length of the whole; -1 if unknown. */
  private static long begin(
      RemoteFile file, URI url, PartFile part, HttpResponse<InputStream> response) throws Failure {
    int status = response.statusCode();
    long total =
        switch (status) {
          case OK -> fromStart(response);
          case PARTIAL -> fromMiddle(url, part, response.headers());
          case RANGE_NOT_SATISFIABLE -> beyondEnd(url, part, response.headers());
          default -> throw refusal(status, response.headers());
        };
    if (file.bytes() >= 0 && total >= 0 && total != file.bytes()) {
      throw Failure.lasting(
          "it is %d bytes long there, but %d were published", total, file.bytes());
    }
    if (status == OK) {
      part.restart(url, validator(response.headers()));
    }
    return total >= 0 ? total : file.bytes();
  }

  private static long fromStart(HttpResponse<InputStream> response) throws Failure {
    String type = response.headers().firstValue("Content-Type").orElse("");
    if (type.toLowerCase(Locale.ROOT).startsWith("text/html")) {
      throw Failure.lasting("it answers with a web page, not with the file");
    }
    return response.headers().firstValueAsLong("Content-Length").orElse(-1);
  }

  private static long fromMiddle(URI url, PartFile part, HttpHeaders headers) throws Failure {
    Matcher range = RANGE.matcher(headers.firstValue("Content-Range").orElse(""));
    String before = part.validatorAt(url);
    String now = validator(headers);
    boolean changed = !before.isEmpty() && !now.isEmpty() && !before.equals(now);
    if (changed || !range.matches() || Long.parseLong(range.group(1)) != part.size()) {
      part.restart(url, "");
      throw Failure.passing("it has changed there meanwhile; starting again");
    }
    return range.group(2).equals("*") ? -1 : Long.parseLong(range.group(2));
  }

  private static long beyondEnd(URI url, PartFile part, HttpHeaders headers) throws Failure {
    Matcher length = LENGTH.matcher(headers.firstValue("Content-Range").orElse(""));
    if (length.matches() && Long.parseLong(length.group(1)) == part.size()) {
      return part.size();
    }
    part.restart(url, "");
    throw Failure.passing("it has changed there meanwhile; starting again");
  }

  /** The strongest thing that identifies this version of the file; empty if there is none. */
  private static String validator(HttpHeaders headers) {
    return headers
        .firstValue("ETag")
        .filter(tag -> !tag.startsWith("W/"))
        .or(() -> headers.firstValue("Last-Modified"))
        .orElse("");
  }

  private static Failure refusal(int status, HttpHeaders headers) {
    boolean passing = status >= 500 || status == 429 || status == 408;
    String wait = headers.firstValue("Retry-After").orElse("");
    return new Failure(
        "it answers with HTTP status " + status + (status == 404 ? " (not found)" : ""),
        !passing,
        Duration.ofSeconds(wait.matches("\\d{1,4}") ? Long.parseLong(wait) : 0));
  }

  private static void checkSpace(Path part, long needed) {
    try {
      long free = Files.getFileStore(part.toAbsolutePath().getParent()).getUsableSpace();
      if (needed > free) {
        throw InputException.of(
            "%s: %d more bytes are needed, but the disk has %d left; free some, or choose another"
                + " folder with --dir",
            part, needed, free);
      }
    } catch (IOException e) {
      throw InputException.unreadable(part, e);
    }
  }

  private void copy(InputStream body, PartFile part, long total, Progress progress)
      throws IOException {
    long most = total >= 0 ? total : MOST_BYTES;
    byte[] chunk = new byte[CHUNK];
    try (Silence silence = new Silence(body, patience)) {
      for (int n = read(body, chunk, silence); n >= 0; n = read(body, chunk, silence)) {
        silence.sign();
        if (part.size() + n > most) {
          throw Failure.lasting("it sends more than the %d bytes that it should have", most);
        }
        part.append(ByteBuffer.wrap(chunk, 0, n));
        progress.at(part.size(), total);
      }
    }
  }

  private int read(InputStream body, byte[] chunk, Silence silence) throws IOException {
    try {
      int n = body.read(chunk);
      if (n >= 0 || !silence.broken()) {
        return n;
      }
    } catch (IOException e) {
      if (!silence.broken()) {
        throw e;
      }
    }
    throw Failure.passing("nothing arrived for %s s", seconds(patience));
  }

  private static String seconds(Duration d) {
    return d.toMillis() % 1000 == 0
        ? String.valueOf(d.toSeconds())
        : String.valueOf(d.toMillis() / 1000.0);
  }
}
