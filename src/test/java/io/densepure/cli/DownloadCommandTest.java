package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.download.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code download} against servers that stall, cut, lie and change their minds. */
class DownloadCommandTest {
  private static final byte[] CONTENT = TestServer.content(300_000);
  private static final int HALF = 150_000;
  private static final String TAG = "\"version-1\"";

  @TempDir private Path folder;

  private Cli download(TestServer server, String pin, Object... more) throws IOException {
    Path catalogue = folder.resolve("catalogue.yml");
    Files.writeString(
        catalogue,
        """
        weights:
          about: weights for tests
          files:
            - name: weights.pt
              urls: ['%s']
              %s
        """
            .formatted(server.url("/weights.pt"), pin));
    List<Object> args = new ArrayList<>(List.of("download", "weights"));
    args.addAll(List.of("--catalogue", catalogue, "--dir", folder));
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray());
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static String pinned() {
    return "sha256: " + sha256(CONTENT);
  }

  private Path target() {
    return folder.resolve("weights.pt");
  }

  private Path part() {
    return folder.resolve("weights.pt.part");
  }

  private void assertFetched(Cli run, byte[] content) throws IOException {
    assertEquals(0, run.exit(), run.err());
    assertArrayEquals(content, Files.readAllBytes(target()));
    try (Stream<Path> files = Files.list(folder)) {
      assertTrue(files.noneMatch(f -> f.toString().contains(".part")), "nothing half is left");
    }
  }

  private void assertRefused(Cli run, String... saying) {
    assertEquals(2, run.exit(), run.err());
    for (String words : saying) {
      assertTrue(run.complaint().contains(words), run.err());
    }
    assertFalse(Files.exists(target()), "nothing wrong gets the file's name");
  }

  @Test
  void fetchesChecksAndRemembers() throws IOException {
    try (TestServer server = new TestServer((q, r) -> r.file(q, CONTENT, TAG))) {
      Cli run = download(server, pinned());
      assertFetched(run, CONTENT);
      assertTrue(run.out().contains("fetched, as published (sha256 " + sha256(CONTENT)), run.out());
      assertEquals(
          sha256(CONTENT) + "  weights.pt\n",
          Files.readString(folder.resolve("weights.pt.sha256")));
      Cli again = download(server, pinned());
      assertTrue(again.out().contains("there already, as published"), again.out());
      assertEquals(1, server.requests().size(), "what is there is not fetched again");
      download(server, pinned(), "--force");
      assertEquals(2, server.requests().size());
    }
  }

  @Test
  void digestThatNobodyPublishedIsPrintedAndRemembered() throws IOException {
    try (TestServer server = new TestServer((q, r) -> r.file(q, CONTENT, TAG))) {
      Cli run = download(server, "");
      assertFetched(run, CONTENT);
      assertTrue(run.out().contains("no digest of it was published"), run.out());
      assertTrue(run.out().contains(sha256(CONTENT)), run.out());
      Files.write(target(), new byte[] {1});
      Cli damaged = download(server, "");
      assertEquals(2, damaged.exit());
      assertTrue(damaged.complaint().contains("--force"), damaged.err());
    }
  }

  @Test
  void absurdRangeIsNoRange() throws IOException {
    Files.write(part(), Arrays.copyOf(CONTENT, HALF));
    String absurd = "9".repeat(30);
    try (TestServer server =
        new TestServer(
            (q, r) -> {
              if (q.count() == 0) {
                String range = "bytes %s-%s/%s".formatted(absurd, absurd, absurd);
                r.head(206, "Content-Length: 0", "Content-Range: " + range);
              } else {
                r.file(q, CONTENT, TAG);
              }
            })) {
      assertFetched(download(server, pinned()), CONTENT);
      assertEquals(2, server.requests().size());
    }
  }

  @Test
  void goesOnWhereTheConnectionWasCut() throws IOException {
    try (TestServer server =
        new TestServer(
            (q, r) -> {
              if (q.count() == 0) {
                r.head(200, "Content-Length: " + CONTENT.length, "ETag: " + TAG);
                r.body(CONTENT, 0, HALF);
              } else {
                r.file(q, CONTENT, TAG);
              }
            })) {
      assertFetched(download(server, ""), CONTENT);
      assertEquals(2, server.starts().size());
      assertKept(server.starts().get(1));
      assertEquals(TAG, server.requests().get(1).headers().get("if-range"));
    }
  }

  /** What came before a cut; the last bytes of it may be lost on the way to the program. */
  private static void assertKept(long bytes) {
    assertTrue(bytes > 0 && bytes <= HALF, bytes + " of " + HALF + " bytes were kept");
  }

  @Test
  void laterRunGoesOnWhereAnEarlierOneEnded() throws IOException {
    try (TestServer server =
        new TestServer(
            (q, r) -> {
              if (q.count() == 0) {
                r.head(200, "Content-Length: " + CONTENT.length, "ETag: " + TAG);
                r.body(CONTENT, 0, HALF);
              } else {
                r.file(q, CONTENT, TAG);
              }
            })) {
      assertRefused(download(server, "", "--retries", "0"), "is kept", "same command");
      assertKept(Files.size(part()));
      assertFetched(download(server, ""), CONTENT);
      assertEquals(2, server.starts().size());
      assertKept(server.starts().get(1));
    }
  }

  @Test
  void serverThatIgnoresRangesSendsItAllAgain() throws IOException {
    try (TestServer server =
        new TestServer(
            (q, r) -> {
              r.head(200, "Content-Length: " + CONTENT.length, "ETag: " + TAG);
              r.body(CONTENT, 0, q.count() == 0 ? HALF : CONTENT.length);
            })) {
      assertFetched(download(server, ""), CONTENT);
    }
  }

  @Test
  void fileThatChangedMeanwhileIsFetchedFromItsBeginning() throws IOException {
    byte[] changed = CONTENT.clone();
    changed[0]++;
    try (TestServer server =
        new TestServer(
            (q, r) -> {
              if (q.count() == 0) {
                r.head(200, "Content-Length: " + CONTENT.length, "ETag: " + TAG);
                r.body(CONTENT, 0, HALF);
              } else {
                r.file(q, changed, "\"version-2\"");
              }
            })) {
      assertFetched(download(server, ""), changed);
    }
  }

  @Test
  void restOfAnotherVersionIsNotAppended() throws IOException {
    byte[] changed = CONTENT.clone();
    changed[0]++;
    try (TestServer server =
        new TestServer(
            (q, r) -> {
              int from = q.from();
              boolean first = q.count() == 0;
              r.head(
                  from == 0 ? 200 : 206, // with If-Range of another version: against the rules
                  "Content-Length: " + (CONTENT.length - from),
                  "Content-Range: bytes %d-299999/300000".formatted(from),
                  "ETag: " + (first ? TAG : "\"version-2\""));
              r.body(first ? CONTENT : changed, from, first ? HALF : CONTENT.length);
            })) {
      assertFetched(download(server, ""), changed);
      assertEquals(3, server.starts().size());
      assertKept(server.starts().get(1));
      assertEquals(0, server.starts().get(2));
    }
  }

  @Test
  void wrongBeginningIsFoundByTheDigestAndFetchedAnew() throws IOException {
    Files.write(part(), new byte[HALF]); // without a note where it came from
    try (TestServer server = new TestServer((q, r) -> r.file(q, CONTENT, TAG))) {
      assertFetched(download(server, pinned()), CONTENT);
      assertEquals(List.of(HALF, 0), server.starts());
    }
  }

  @Test
  void beginningOfUnknownOriginIsNotTrustedWithoutADigest() throws IOException {
    Files.write(part(), new byte[HALF]);
    try (TestServer server = new TestServer((q, r) -> r.file(q, CONTENT, TAG))) {
      assertFetched(download(server, ""), CONTENT);
      assertEquals(List.of(0), server.starts());
    }
  }

  @Test
  void wholePartOfAKilledRunOnlyGetsItsName() throws IOException {
    Files.write(part(), CONTENT);
    try (TestServer server =
        new TestServer(
            (q, r) -> r.head(416, "Content-Range: bytes */300000", "Content-Length: 0"))) {
      assertFetched(download(server, pinned()), CONTENT);
    }
  }

  @Test
  void lengthThatIsTooLargeIsABrokenConnection() throws IOException {
    try (TestServer server =
        new TestServer(
            (q, r) -> {
              r.head(200, "Content-Length: 400000");
              r.body(CONTENT, 0, CONTENT.length);
            })) {
      assertRefused(download(server, "", "--retries", "1"), "connection");
    }
  }

  @Test
  void lengthOtherThanPublishedIsRefusedAtOnce() throws IOException {
    try (TestServer server = new TestServer((q, r) -> r.file(q, CONTENT, TAG))) {
      assertRefused(download(server, "bytes: 300001"), "300000", "300001 were published");
      assertEquals(1, server.requests().size());
    }
  }

  @Test
  void bodyWithoutALengthMayNotGoOnForever() throws IOException {
    try (TestServer server =
        new TestServer(
            (q, r) -> {
              r.head(200);
              r.body(CONTENT, 0, CONTENT.length);
              r.body(CONTENT, 0, CONTENT.length);
            })) {
      assertRefused(download(server, "bytes: 300000"), "more than the 300000 bytes");
    }
  }

  @Test
  void wrongDigestIsRefusedAndDeleted() throws IOException {
    byte[] other = CONTENT.clone();
    other[HALF]++;
    try (TestServer server = new TestServer((q, r) -> r.file(q, other, TAG))) {
      assertRefused(download(server, pinned()), sha256(other), sha256(CONTENT), "deleted");
      assertFalse(Files.exists(part()));
      String prefix = "sha256: '" + sha256(CONTENT).substring(0, 8) + "'";
      assertRefused(download(server, prefix), sha256(other));
    }
  }

  @Test
  void firstDigitsOfADigestAreEnough() throws IOException {
    try (TestServer server = new TestServer((q, r) -> r.file(q, CONTENT, TAG))) {
      String prefix = "sha256: '" + sha256(CONTENT).substring(0, 8) + "'";
      assertFetched(download(server, prefix), CONTENT);
    }
  }

  @Test
  void missingFileIsNotAskedForAgain() throws IOException {
    try (TestServer server = new TestServer((q, r) -> r.head(404, "Content-Length: 0"))) {
      assertRefused(download(server, ""), "404", "--url", target().toString());
      assertEquals(1, server.requests().size());
    }
  }

  @Test
  void secondAddressHelpsWhereTheFirstFails() throws IOException {
    try (TestServer bad = new TestServer((q, r) -> r.head(410, "Content-Length: 0"));
        TestServer good = new TestServer((q, r) -> r.file(q, CONTENT, TAG))) {
      Files.writeString(
          folder.resolve("two.yml"),
          "weights: {files: [{name: weights.pt, urls: ['%s', '%s'], %s}]}"
              .formatted(bad.url("/a"), good.url("/b"), pinned()));
      assertFetched(
          Cli.run("download", "weights", "--catalogue", folder.resolve("two.yml"), "--dir", folder),
          CONTENT);
    }
  }

  @Test
  void busyServerIsAskedAgain() throws IOException {
    try (TestServer server =
        new TestServer(
            (q, r) -> {
              if (q.count() == 0) {
                r.head(503, "Content-Length: 0", "Retry-After: 1");
              } else {
                r.file(q, CONTENT, TAG);
              }
            })) {
      Cli run = download(server, pinned());
      assertFetched(run, CONTENT);
      assertTrue(run.err().contains("503; again in 1.0 s (1 of 5)"), run.err());
    }
  }

  @Test
  void stalledBodyIsGivenUpAndGoneOnWith() throws IOException {
    try (TestServer server =
        new TestServer(
            (q, r) -> {
              if (q.count() == 0) {
                r.head(200, "Content-Length: " + CONTENT.length, "ETag: " + TAG);
                r.body(CONTENT, 0, HALF);
                r.hang();
              } else {
                r.file(q, CONTENT, TAG);
              }
            })) {
      Cli run = download(server, "", "--timeout", "0.4");
      assertFetched(run, CONTENT);
      assertTrue(run.err().contains("nothing arrived for 0.4 s"), run.err());
      assertEquals(2, server.starts().size());
      assertKept(server.starts().get(1));
    }
  }

  @Test
  void serverThatNeverAnswersIsGivenUp() throws IOException {
    try (TestServer server = new TestServer((q, r) -> r.hang())) {
      assertRefused(
          download(server, "", "--timeout", "0.3", "--retries", "1"), "no answer in time");
      assertEquals(2, server.requests().size());
    }
  }

  @Test
  void followsRedirects() throws IOException {
    try (TestServer server =
        new TestServer(
            (q, r) -> {
              if (q.path().equals("/weights.pt")) {
                r.head(302, "Location: /elsewhere/blob", "Content-Length: 0");
              } else {
                r.file(q, CONTENT, TAG);
              }
            })) {
      assertFetched(download(server, pinned()), CONTENT);
    }
  }

  @Test
  void webPageIsNotTheFile() throws IOException {
    try (TestServer server =
        new TestServer(
            (q, r) -> {
              r.head(200, "Content-Type: text/html; charset=utf-8", "Content-Length: 4");
              r.body("<html>".getBytes(), 0, 4);
            })) {
      assertRefused(download(server, ""), "web page");
    }
  }

  @Test
  void fullDiskIsSaidPlainly() throws IOException {
    Path full = Path.of("/dev/full");
    Assumptions.assumeTrue(Files.isWritable(full), "this system has no /dev/full");
    Files.createSymbolicLink(part(), full);
    try (TestServer server = new TestServer((q, r) -> r.file(q, CONTENT, TAG))) {
      assertRefused(download(server, ""), part().toString(), "No space left", "is kept");
      assertTrue(Files.isSymbolicLink(part()));
    }
  }

  @Test
  void fileLargerThanTheDiskIsNotBegun() throws IOException {
    try (TestServer server =
        new TestServer(
            (q, r) -> {
              r.head(200, "Content-Length: 4000000000000000000");
              r.hang();
            })) {
      assertRefused(download(server, ""), "disk has", "--dir");
    }
  }

  @Test
  void mirrorHasFilesUnderTheirNames() throws IOException {
    try (TestServer dead = new TestServer((q, r) -> r.head(404, "Content-Length: 0"));
        TestServer mirror = new TestServer((q, r) -> r.file(q, CONTENT, TAG))) {
      assertFetched(download(dead, pinned(), "--url", mirror.url("/some/base")), CONTENT);
      assertEquals("/some/base/weights.pt", mirror.requests().get(0).path());
      assertEquals(List.of(), dead.requests());
    }
  }

  @Test
  void withoutNamesItListsWhatThereIs() throws IOException {
    Files.write(folder.resolve("256x256_diffusion_uncond.pt"), new byte[1]);
    Files.createDirectories(folder.resolve("datasets/cifar10"));
    Files.write(folder.resolve("datasets/cifar10/cifar-10-python.tar.gz.part"), new byte[1]);
    Cli run = Cli.run("download", "--dir", folder);
    assertEquals(0, run.exit());
    assertTrue(run.out().lines().anyMatch(l -> l.matches("guided-ddpm +here .*")), run.out());
    assertTrue(run.out().lines().anyMatch(l -> l.matches("cifar10 +partly .*")), run.out());
    assertTrue(run.out().lines().anyMatch(l -> l.matches("vit +- .*")), run.out());
    assertTrue(run.out().lines().anyMatch(l -> l.matches("cifar-wrn +by hand .*")), run.out());
    assertTrue(run.out().contains("cifar-10-python.tar.gz, 170.5 MB"), run.out());
    assertTrue(run.out().contains("cifar10_uncond_50M_500K.pt, no digest published"), run.out());
  }

  @Test
  void badWordsAreRefusedInOneLine() {
    assertRefused(Cli.run("download", "nosuch", "--dir", folder), "'nosuch'", "improved-ddpm");
    assertRefused(Cli.run("download", "cifar-wrn", "--dir", folder), "train it");
    assertRefused(Cli.run("download", "vit", "--url", "ftp://x", "--dir", folder), "--url");
    assertRefused(Cli.run("download", "vit", "--timeout", "0", "--dir", folder), "--timeout");
    assertRefused(Cli.run("download", "vit", "--retries", "-1", "--dir", folder), "--retries");
    assertRefused(Cli.run("download", "vit", "--catalogue", folder.resolve("no.yml")), "no.yml");
  }
}
