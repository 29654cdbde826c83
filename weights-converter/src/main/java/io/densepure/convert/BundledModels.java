package io.densepure.convert;

import io.densepure.weights.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A step of the build: converts the checkpoints that come with DensePure, which are kept as the
 * PyTorch files they were trained to, into what the jar carries.
 */
public final class BundledModels {
  private BundledModels() {}

  /**
   * Converts every {@code .pt} file of one folder into a {@code .safetensors} file of the other,
   * unless that is newer already.
   *
   * @param args source folder, target folder
   */
  public static void main(String[] args) throws IOException {
    Path target = Files.createDirectories(Path.of(args[1]));
    List<Path> checkpoints;
    try (Stream<Path> files = Files.list(Path.of(args[0]))) {
      checkpoints = files.filter(f -> f.toString().endsWith(".pt")).toList();
    }
    for (Path checkpoint : checkpoints) {
      String name = checkpoint.getFileName().toString().replace(".pt", ".safetensors");
      Path converted = target.resolve(name);
      if (!isNewer(converted, checkpoint)) {
        SafetensorsWriter.write(converted, CheckpointReader.open(checkpoint).stateDict());
      }
    }
  }

  private static boolean isNewer(Path file, Path than) throws IOException {
    return Files.exists(file)
        && Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(than)) > 0;
  }
}
