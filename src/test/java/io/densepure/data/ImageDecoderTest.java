package io.densepure.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the golden case {@code imagenet_val_transform} leaves open: rarer kinds of pictures, and
 * damage.
 */
class ImageDecoderTest {
  private static final Path GOLDEN = Path.of("src/test/reference/preproc");

  @TempDir private Path temp;

  /** A PNG of one pixel with these samples of 8 or 16 bits. */
  private Path png(int bits, boolean gray, boolean alpha, int... samples) throws IOException {
    ColorSpace space = ColorSpace.getInstance(gray ? ColorSpace.CS_GRAY : ColorSpace.CS_sRGB);
    int type = bits == 16 ? DataBuffer.TYPE_USHORT : DataBuffer.TYPE_BYTE;
    int transparency = alpha ? Transparency.TRANSLUCENT : Transparency.OPAQUE;
    ComponentColorModel model = new ComponentColorModel(space, alpha, false, transparency, type);
    WritableRaster raster = model.createCompatibleWritableRaster(1, 1);
    raster.setPixel(0, 0, samples);
    Path file = temp.resolve("one.png");
    assertTrue(ImageIO.write(new BufferedImage(model, raster, false, null), "png", file.toFile()));
    return file;
  }

  private static void assertPixel(Path file, int red, int green, int blue) {
    RgbImage image = ImageDecoder.decode(file);
    assertEquals(1, image.width());
    assertEquals(1, image.height());
    assertArrayEquals(new byte[] {(byte) red, (byte) green, (byte) blue}, image.pixels());
  }

  @Test
  void grayIsNotBrightenedAndAlphaIsDropped() throws IOException {
    assertPixel(png(8, true, false, 100), 100, 100, 100);
    assertPixel(png(8, true, true, 100, 0), 100, 100, 100);
    assertPixel(png(8, false, true, 10, 200, 30, 0), 10, 200, 30);
  }

  @Test
  void sixteenBitsOfGrayAreClippedThoseOfColorsShifted() throws IOException {
    assertPixel(png(16, true, false, 254), 254, 254, 254);
    assertPixel(png(16, true, false, 0x1234), 255, 255, 255);
    assertPixel(png(16, false, false, 0x12ff, 0x8000, 0xffff), 0x12, 0x80, 0xff);
    assertPixel(png(16, true, true, 0x12ff, 0x7777), 0x12, 0x12, 0x12);
  }

  @Test
  void blackAndWhite() throws IOException {
    BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_BINARY);
    image.setRGB(0, 0, 0xffffff);
    Path file = temp.resolve("one.png");
    ImageIO.write(image, "png", file.toFile());
    assertPixel(file, 255, 255, 255);
  }

  /** The golden CMYK file holds no black, so its plain colours are the samples themselves. */
  @Test
  void ycckIsConvertedBeforeTheBlackIsAdded() throws IOException {
    byte[] bytes = Files.readAllBytes(GOLDEN.resolve("cmyk_300x260.jpg"));
    byte[] samples = ImageDecoder.decode(GOLDEN.resolve("cmyk_300x260.jpg")).pixels();
    String latin = new String(bytes, StandardCharsets.ISO_8859_1);
    bytes[latin.indexOf("Adobe") + 11] = 2; // YCCK
    Path file = temp.resolve("ycck.jpg");
    Files.write(file, bytes);
    byte[] rgb = ImageDecoder.decode(file).pixels();
    for (int i = 0; i < rgb.length; i += 3) {
      double y = samples[i] & 0xff;
      double cb = (samples[i + 1] & 0xff) - 128;
      double cr = (samples[i + 2] & 0xff) - 128;
      assertEquals(clip(y + 1.402 * cr), rgb[i] & 0xff, 1);
      assertEquals(clip(y - 0.344136 * cb - 0.714136 * cr), rgb[i + 1] & 0xff, 1);
      assertEquals(clip(y + 1.772 * cb), rgb[i + 2] & 0xff, 1);
    }
  }

  private static double clip(double v) {
    return Math.max(0, Math.min(255, v));
  }

  /** libjpeg takes three components for YCbCr, unless their names or Adobe's marker say RGB. */
  @Test
  void whatMarkersSayOfColors() throws IOException {
    Path golden = GOLDEN.resolve("exif_rot_300x200.jpg");
    byte[] plain = ImageDecoder.decode(golden).pixels();
    byte[] bytes = Files.readAllBytes(golden);
    String latin = new String(bytes, StandardCharsets.ISO_8859_1);
    bytes[latin.indexOf("JFIF")] = 'X';
    Path file = temp.resolve("colors.jpg");
    Files.write(file, bytes);
    assertArrayEquals(plain, ImageDecoder.decode(file).pixels());

    int frame = latin.indexOf("\u00ff\u00c0");
    int scan = latin.indexOf("\u00ff\u00da");
    for (int c = 0; c < 3; c++) {
      bytes[frame + 10 + 3 * c] = (byte) "RGB".charAt(c);
      bytes[scan + 5 + 2 * c] = (byte) "RGB".charAt(c);
    }
    Files.write(file, bytes);
    byte[] rgb = ImageDecoder.decode(file).pixels();
    double y = rgb[0] & 0xff;
    double cr = (rgb[2] & 0xff) - 128;
    assertEquals(clip(y + 1.402 * cr), plain[0] & 0xff, 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "photo_500x375.jpg",
        "progressive_320x320.jpg",
        "cmyk_300x260.jpg",
        "gray_280x350.jpg",
        "noise_257x256.png",
        "palette_300x300.png"
      })
  void aPictureCutShortAnywhereIsRefused(String name) throws IOException {
    byte[] whole = Files.readAllBytes(GOLDEN.resolve(name));
    for (double share : new double[] {0, 0.001, 0.01, 0.1, 0.5, 0.9}) {
      Path file = temp.resolve(name);
      Files.write(file, Arrays.copyOf(whole, (int) (share * whole.length)));
      assertRefused(file);
    }
  }

  private static void assertRefused(Path file) {
    InputException e = assertThrows(InputException.class, () -> ImageDecoder.decode(file));
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
  }

  @Test
  void damagedHeadersEndInOneLine() throws IOException {
    for (String name :
        new String[] {"photo_333x500_420.jpg", "tiny_20x30.png", "exif_rot_300x200.jpg"}) {
      byte[] whole = Files.readAllBytes(GOLDEN.resolve(name));
      for (int at = 0; at < Math.min(whole.length, 400); at += 7) {
        byte[] damaged = whole.clone();
        damaged[at] ^= 0x55;
        Path file = temp.resolve(name);
        Files.write(file, damaged);
        try {
          ImageDecoder.decode(file);
        } catch (InputException e) {
          assertFalse(e.getMessage().contains("\n"), e.getMessage());
        }
      }
    }
  }

  @Test
  void whatIsNoPictureIsRefused() throws IOException {
    assertRefused(temp.resolve("absent.png"));
    assertRefused(temp);
    Path text = temp.resolve("text.jpg");
    Files.writeString(text, "no picture");
    assertRefused(text);
  }

  @Test
  void aBombIsNotUnpacked() throws IOException {
    byte[] png = Files.readAllBytes(GOLDEN.resolve("tiny_20x30.png"));
    png[16] = 0x7f; // width 0x7f000014
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(png, 12, 17);
    java.nio.ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());
    Path file = temp.resolve("bomb.png");
    Files.write(file, png);
    assertRefused(file);
  }

  /** Files nested without end make some readers call themselves until the stack is full. */
  @Test
  void aReaderThatRunsOutOfStackIsADamagedPicture() throws IOException {
    Path file = Files.writeString(temp.resolve("nested.tif"), EndlessReader.MAGIC);
    ImageReaderSpi reader = new EndlessReader();
    IIORegistry.getDefaultInstance().registerServiceProvider(reader);
    try {
      InputException e = assertThrows(InputException.class, () -> ImageDecoder.decode(file));
      assertEquals(file + ": the picture is damaged: StackOverflowError", e.getMessage());
    } finally {
      IIORegistry.getDefaultInstance().deregisterServiceProvider(reader);
    }
  }

  private static final class EndlessReader extends ImageReaderSpi {
    static final String MAGIC = "nested without end";

    @Override
    public boolean canDecodeInput(Object source) throws IOException {
      ImageInputStream in = (ImageInputStream) source;
      in.mark();
      byte[] start = new byte[MAGIC.length()];
      int length = in.read(start);
      in.reset();
      return length == start.length && new String(start, StandardCharsets.US_ASCII).equals(MAGIC);
    }

    @Override
    public ImageReader createReaderInstance(Object extension) {
      return createReaderInstance(extension);
    }

    @Override
    public String getDescription(Locale locale) {
      return MAGIC;
    }
  }
}
