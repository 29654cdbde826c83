package io.densepure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFolderTest {
  @TempDir private Path folder;

  private static String modeOf(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void isMadeForItsOwnerOnly() throws IOException {
    Path made = PrivateFolder.at(folder.resolve("above/cache")).orElseThrow();
    assertEquals("rwx------", modeOf(made));
  }

  @Test
  void oneThatOthersCanWriteToIsTakenFromThem() throws IOException {
    Path open = Files.createDirectory(folder.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertEquals(Optional.of(open), PrivateFolder.at(open));
    assertEquals("rwx------", modeOf(open));
  }

  /** For root, who may do anything, one given to another user; else one that is the system's. */
  @Test
  void somebodyElsesIsNot() throws IOException {
    Path foreign = Path.of("/usr/bin");
    UserPrincipal me = Files.getOwner(folder);
    if (Files.getOwner(foreign).equals(me)) {
      foreign = Files.createDirectory(folder.resolve("foreign"));
      Files.setOwner(
          foreign,
          foreign.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
    }
    assertEquals(Optional.empty(), PrivateFolder.at(foreign));
  }

  @Test
  void aLinkToOneIsNotOne() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), elsewhere);
    assertEquals(Optional.empty(), PrivateFolder.at(link));
  }

  @Test
  void temporaryOnesAreNewPrivateAndGoAway() throws IOException {
    Path first = PrivateFolder.temporary("test-");
    assertEquals("rwx------", modeOf(first));
    Files.writeString(Files.createDirectory(first.resolve("sub")).resolve("file"), "x");
    PrivateFolder.delete(first);
    assertFalse(Files.exists(first));
  }
}
