package io.densepure.download;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives, proxies, and two downloads at once. */
class LibraryTest {
  private static final byte[] CONTENT = TestServer.content(50_000);

  private final List<String> notes = new ArrayList<>();

  private final Library.Observer observer =
      new Library.Observer() {
        @Override
        public void progress(String file, long done, long total) {}

        @Override
        public void note(String line) {
          notes.add(line);
        }
      };

  @TempDir private Path folder;

  private List<Library.Result> fetch(String yaml, Map<String, String> environment)
      throws IOException {
    Path file = folder.resolve("catalogue.yml");
    Files.writeString(file, yaml);
    Library.Options options =
        new Library.Options(null, Duration.ofSeconds(5), 0, false, environment);
    return new Library(folder).fetch(Catalogue.read(file).entries().get(0), options, observer);
  }

  /** Nobody published a digest, so only the one that was remembered can tell. */
  @Test
  void anotherFileThanBeforeIsSaid() throws IOException {
    byte[] changed = CONTENT.clone();
    changed[0]++;
    try (TestServer server =
        new TestServer((q, r) -> r.file(q, q.count() == 0 ? CONTENT : changed, "\"x\""))) {
      String yaml = "w: {files: [{name: w.pt, urls: ['%s']}]}".formatted(server.url("/w.pt"));
      String before = fetch(yaml, Map.of()).get(0).sha256().hex();
      assertEquals(1, notes.size(), notes.toString());
      assertTrue(notes.get(0).contains("not encrypted"), notes.toString());
      Files.delete(folder.resolve("w.pt"));
      String after = fetch(yaml, Map.of()).get(0).sha256().hex();
      String last = notes.get(notes.size() - 1);
      assertTrue(last.contains(before) && last.contains(after), notes.toString());
    }
  }

  private static byte[] archive(TarArchiveEntry... entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(new GzipCompressorOutputStream(bytes))) {
      for (TarArchiveEntry e : entries) {
        boolean hasContent = e.isFile() && !e.isSymbolicLink() && !e.isLink();
        e.setSize(hasContent ? CONTENT.length : 0);
        tar.putArchiveEntry(e);
        if (hasContent) {
          tar.write(CONTENT);
        }
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static TarArchiveEntry named(String name) {
    return new TarArchiveEntry(name, true);
  }

  private List<Library.Result> unpack(byte[] archive) throws IOException {
    try (TestServer server = new TestServer((q, r) -> r.file(q, archive, "\"a\""))) {
      return fetch(
          "set: {folder: datasets/set, files: [{name: s.tar.gz, unpack: root, urls: ['%s']}]}"
              .formatted(server.url("/s.tar.gz")),
          Map.of());
    }
  }

  @Test
  void archiveBecomesItsFolder() throws IOException {
    List<Library.Result> results =
        unpack(archive(named("root/"), named("root/a.bin"), named("./root/deep/b.bin")));
    Path root = folder.resolve("datasets/set/root");
    assertEquals(root, results.get(0).path());
    assertArrayEquals(CONTENT, Files.readAllBytes(root.resolve("a.bin")));
    assertArrayEquals(CONTENT, Files.readAllBytes(root.resolve("deep/b.bin")));
    assertFalse(Files.exists(root.resolveSibling("s.tar.gz")), "the archive is not kept");
    assertFalse(unpack(new byte[0]).get(0).fetched(), "what is there is not fetched again");
  }

  @Test
  void archiveBroughtByOtherMeansIsUnpacked() throws IOException {
    Path target = folder.resolve("datasets/set/s.tar.gz");
    Files.createDirectories(target.getParent());
    Files.write(target, archive(named("root/a.bin")));
    assertFalse(unpack(new byte[0]).get(0).fetched());
    assertArrayEquals(CONTENT, Files.readAllBytes(folder.resolve("datasets/set/root/a.bin")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"../escaped", "root/../../escaped", "/tmp/escaped", "other/file"})
  void archiveMayNotReachOutOfItsFolder(String name) throws IOException {
    byte[] archive = archive(named("root/a.bin"), named(name));
    InputException e = assertThrows(InputException.class, () -> unpack(archive));
    assertTrue(e.getMessage().contains("refused"), e.getMessage());
    assertFalse(Files.exists(folder.resolve("datasets/escaped")));
    assertFalse(Files.exists(folder.resolve("datasets/set/root")), "nothing half is left");
    assertFalse(Files.exists(folder.resolve("datasets/set/root.part")));
  }

  @Test
  void archiveMayNotHoldLinks() throws IOException {
    TarArchiveEntry link = new TarArchiveEntry("root/link", TarConstants.LF_SYMLINK);
    link.setLinkName("/etc");
    byte[] archive = archive(link, named("root/link/passwd"));
    assertThrows(InputException.class, () -> unpack(archive));
  }

  /** A kilobyte that would unpack to terabytes. */
  @Test
  void archiveMayNotHoldSparseFiles() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GzipCompressorOutputStream gzip = new GzipCompressorOutputStream(bytes)) {
      Files.copy(Path.of("src/test/resources/fuzz/tar/found-sparse-bomb"), gzip);
    }
    InputException e = assertThrows(InputException.class, () -> unpack(bytes.toByteArray()));
    assertTrue(e.getMessage().contains("which is not a file or folder"), e.getMessage());
    assertFalse(Files.exists(folder.resolve("datasets/set/root")));
  }

  @Test
  void damagedArchiveIsSaidPlainly() throws IOException {
    byte[] archive = archive(named("root/a.bin"));
    byte[] cut = Arrays.copyOf(archive, archive.length / 2);
    InputException e = assertThrows(InputException.class, () -> unpack(cut));
    assertTrue(e.getMessage().contains("s.tar.gz: cannot be unpacked"), e.getMessage());
    assertThrows(InputException.class, () -> unpack("no archive".getBytes(StandardCharsets.UTF_8)));
  }

  private static final String ELSEWHERE =
      "w: {files: [{name: w.pt, urls: ['http://files.example.invalid/dir/w.pt']}]}";

  @ParameterizedTest
  @ValueSource(strings = {"http_proxy", "HTTP_PROXY", "all_proxy"})
  void proxiesOfTheEnvironmentAreUsed(String variable) throws IOException {
    try (TestServer proxy = new TestServer((q, r) -> r.file(q, CONTENT, "\"a\""))) {
      fetch(ELSEWHERE, Map.of(variable, "http://127.0.0.1:" + proxy.port()));
      assertEquals("http://files.example.invalid/dir/w.pt", proxy.requests().get(0).path());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "https"})
  void proxyGetsItsPassword(String scheme) throws IOException {
    try (TestServer proxy =
        new TestServer(
            (q, r) -> {
              if (q.headers().containsKey("proxy-authorization")) {
                r.file(q, CONTENT, "\"a\""); // which is no tunnel, but the password was there
              } else {
                r.head(407, "Proxy-Authenticate: Basic realm=\"test\"", "Content-Length: 0");
              }
            })) {
      String address = "http://me:secret@127.0.0.1:" + proxy.port();
      String yaml = ELSEWHERE.replace("http:", scheme + ":");
      try {
        fetch(yaml, Map.of(scheme + "_proxy", address));
      } catch (InputException e) {
        assertEquals("https", scheme, e.getMessage());
      }
      String basic = Base64.getEncoder().encodeToString("me:secret".getBytes());
      assertEquals("Basic " + basic, proxy.requests().get(1).headers().get("proxy-authorization"));
    }
  }

  @Test
  void hostsInNoProxyAreAskedDirectly() throws IOException {
    try (TestServer proxy = new TestServer((q, r) -> r.file(q, CONTENT, "\"a\""))) {
      Map<String, String> environment =
          Map.of("http_proxy", "127.0.0.1:" + proxy.port(), "no_proxy", "localhost, .invalid");
      InputException e = assertThrows(InputException.class, () -> fetch(ELSEWHERE, environment));
      assertTrue(e.getMessage().contains("no such host"), e.getMessage());
      assertEquals(List.of(), proxy.requests());
    }
  }

  @Test
  void unusableProxySettingIsNamed() {
    InputException e =
        assertThrows(
            InputException.class,
            () -> fetch(ELSEWHERE, Map.of("http_proxy", "socks5://127.0.0.1:1080")));
    assertTrue(e.getMessage().contains("socks5"), e.getMessage());
  }

  @Test
  void twoDownloadsOfOneFileDoNotMix() {
    try (PartFile other = PartFile.open(folder.resolve("w.pt"))) {
      InputException e = assertThrows(InputException.class, () -> fetch(ELSEWHERE, Map.of()));
      assertTrue(e.getMessage().contains("another download"), e.getMessage());
      assertEquals(0, other.size());
    }
  }
}
