package io.densepure.report;

import io.densepure.InputException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * The folder with the pictures of a run: for image 7 {@code 7-image.png}, {@code 7-noisy.png} and
 * {@code 7-vote1.png}, {@code 7-vote2.png}, …
 */
public record PictureFiles(Path folder) {
  private static final Pattern NAME = Pattern.compile("\\d+-(image|noisy|vote\\d+)\\.png");

  public Path image(int index) {
    return folder.resolve(index + "-image.png");
  }

  public Path noisy(int index) {
    return folder.resolve(index + "-noisy.png");
  }

  /**
   * @param vote from 1 on
   */
  public Path vote(int index, int vote) {
    return folder.resolve(index + "-vote" + vote + ".png");
  }

  /**
   * Makes the folder, and removes the pictures of an earlier run from it.
   *
   * @throws InputException if it cannot be written to
   */
  public void begin() {
    try {
      Files.createDirectories(folder);
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
        for (Path file : files) {
          if (NAME.matcher(file.getFileName().toString()).matches()) {
            Files.delete(file);
          }
        }
      }
    } catch (IOException e) {
      throw InputException.unwritable(folder, e);
    }
  }
}
