package io.densepure.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pictures of a run that somebody else made. */
class EmbeddedPicturesTest {
  @TempDir private Path folder;

  private Path picture(int width, int height) throws IOException {
    Path file = folder.resolve(width + ".png");
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_BINARY);
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  /** The last one would take 60 MB of memory, from a file of three kilobytes. */
  @Test
  void aPageDoesWithoutDamagedAndHugePictures() throws IOException {
    EmbeddedPictures pictures = new EmbeddedPictures(1 << 20);
    assertNull(pictures.add(folder.resolve("absent.png")));
    assertNull(pictures.add(Files.writeString(folder.resolve("damaged.png"), "no picture")));
    assertNull(pictures.add(picture(5000, 4000)));
    assertEquals(0, pictures.add(picture(200, 100)));
    assertEquals(1, pictures.uris().size());
  }
}
