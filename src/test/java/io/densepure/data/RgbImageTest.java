package io.densepure.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import org.junit.jupiter.api.Test;

/** Sizes and offsets; the golden cases hold the resized pixels to Pillow's. */
class RgbImageTest {
  private static RgbImage image(int width, int height) {
    byte[] pixels = new byte[3 * width * height];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i / 3);
    }
    return new RgbImage(width, height, pixels);
  }

  private static void assertSize(int width, int height, RgbImage image) {
    assertEquals(width, image.width());
    assertEquals(height, image.height());
  }

  @Test
  void theShorterSideIsGivenAndTheOtherRoundedDown() {
    assertSize(8, 11, image(5, 7).shortSide(8)); // 11.2
    assertSize(11, 8, image(7, 5).shortSide(8));
    assertSize(8, 8, image(9, 9).shortSide(8));
  }

  @Test
  void halvesOfAnOffsetGoToTheEvenPixel() {
    assertEquals(0, image(3, 2).centerCrop(2).pixels()[0]); // 0.5 to 0
    assertEquals(2, image(5, 2).centerCrop(2).pixels()[0]); // 1.5 to 2
    assertEquals(2 * 2, image(2, 5).centerCrop(2).pixels()[0]);
  }

  @Test
  void tensorsHaveTheChannelsFirst() {
    RgbImage image = new RgbImage(2, 1, new byte[] {0, 51, 102, (byte) 255, 1, 2});
    assertArrayEquals(new float[] {0, 1, 0.2f, 1 / 255f, 0.4f, 2 / 255f}, image.toTensor());
  }

  /** A file of kilobytes can hold it; made 256 wide, it would be 51 million long. */
  @Test
  void aLineIsNoPicture() {
    RgbImage line = new RgbImage(1, 200_000, new byte[600_000]);
    InputException e = assertThrows(InputException.class, () -> line.shortSide(256));
    assertTrue(e.getMessage().contains("1 x 200000"), e.getMessage());
  }
}
