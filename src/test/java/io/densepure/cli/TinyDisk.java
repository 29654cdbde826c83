package io.densepure.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A real file system of 512 KiB; making one needs the right to mount. */
final class TinyDisk implements AutoCloseable {
  private static final int BYTES = 512 << 10;

  private final Path folder;

  private TinyDisk(Path folder) {
    this.folder = folder;
  }

  /** Null if this user may not mount anything. */
  static TinyDisk mount(Path folder) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    boolean mounted =
        run("mount", "-t", "tmpfs", "-o", "size=" + BYTES, "tmpfs", folder.toString());
    return mounted ? new TinyDisk(folder) : null;
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException e) {
      return false; // there is no such program
    }
  }

  Path folder() {
    return folder;
  }

  /** Takes all room but {@code bytes}, in whole pages. */
  void fillUpTo(int bytes) throws IOException {
    Path filler = folder.resolve("filler");
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(new byte[4096]);
      }
    } catch (IOException e) {
      try (var channel = Files.newByteChannel(filler, java.nio.file.StandardOpenOption.WRITE)) {
        channel.truncate(Math.max(0, channel.size() - bytes));
      }
    }
  }

  void makeRoom() throws IOException {
    Files.delete(folder.resolve("filler"));
  }

  @Override
  public void close() throws IOException {
    try {
      run("umount", "-l", folder.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
