package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PurifyCommandTest {
  @TempDir Path temp;

  private Cli purify(String folder, Object... flags) {
    List<Object> words = new ArrayList<>(List.of("purify", "--threads", 1));
    words.addAll(List.of("--out", temp.resolve(folder)));
    words.addAll(List.of(flags));
    if (!words.contains("--sigma")) {
      words.addAll(List.of("--sigma", 0.5));
    }
    return Cli.run(words.toArray());
  }

  private int[] pixels(String file) throws IOException {
    BufferedImage image = ImageIO.read(temp.resolve(file).toFile());
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }

  @Test
  void denoisesAndSaysByHowMuch() throws IOException {
    Cli cli = purify("a", "--ids", "0,9", "--steps", 2, "--votes", 2, "--json");
    assertEquals(0, cli.exit(), cli.err());
    JsonNode images = new ObjectMapper().readTree(cli.out()).get("images");
    assertEquals(2, images.size());
    for (JsonNode image : images) {
      double noisy = image.get("psnr_noisy").asDouble();
      assertEquals(6.0, noisy, 0.7, "noise of 0.5 is 6 dB");
      assertTrue(image.get("psnr_denoised").asDouble() > noisy + 8, image.toString());
      assertEquals(4, image.get("files").size()); // noisy, two versions, the grid
      for (JsonNode file : image.get("files")) {
        assertTrue(Files.size(Path.of(file.asText())) > 100, file.asText());
      }
    }
    assertEquals(32, ImageIO.read(temp.resolve("a/fashion-mnist-9-2.png").toFile()).getWidth());
  }

  @Test
  void aVersionDependsOnItsSeedOnly() throws IOException {
    assertEquals(0, purify("a", "--ids", "3", "--steps", 2, "--votes", 3).exit());
    assertEquals(0, purify("b", "--ids", "3", "--steps", 2, "--votes", 3, "--batch", 2).exit());
    assertEquals(0, purify("c", "--ids", "3", "--steps", 2, "--reverse-seed", 2).exit());
    int[] third = pixels("a/fashion-mnist-3-3.png");
    assertArrayEquals(third, pixels("b/fashion-mnist-3-3.png"));
    assertArrayEquals(third, pixels("c/fashion-mnist-3-1.png"));
    assertTrue(!java.util.Arrays.equals(third, pixels("a/fashion-mnist-3-1.png")));
  }

  @Test
  void aStripShowsTheStepsButNotMoreThanFit() throws IOException {
    assertEquals(0, purify("s", "--ids", "0", "--steps", 12, "--strip").exit());
    int cell = 112 + 10;
    BufferedImage strip = ImageIO.read(temp.resolve("s/fashion-mnist-0-strip.png").toFile());
    assertEquals(10 + 11 * cell, strip.getWidth()); // the noisy image and ten of twelve states
  }

  @Test
  void asksForEitherFilesOrIndices() {
    assertEquals(2, purify("x").exit());
    Cli both = purify("x", "a.png", "--ids", "0");
    assertEquals(2, both.exit());
    assertTrue(both.complaint().contains("one of the two"), both.err());
  }

  @Test
  void refusesAnImageThatIsNotThere() {
    Cli cli = purify("x", "--ids", "10000", "--one-shot");
    assertEquals(2, cli.exit());
    assertTrue(cli.complaint().contains("image 10000 does not exist"), cli.err());
  }

  @Test
  void takesPicturesThatAreNoisyAlready() throws IOException {
    BufferedImage grainy = new BufferedImage(32, 32, BufferedImage.TYPE_BYTE_GRAY);
    Random random = new Random(1);
    for (int i = 0; i < 32 * 32; i++) {
      int level = (int) Math.round(128 + 255 * 0.1 * random.nextGaussian());
      grainy.getRaster().setSample(i % 32, i / 32, 0, level);
    }
    Path file = temp.resolve("grainy.png");
    ImageIO.write(grainy, "png", file.toFile());
    Cli cli = purify("b", file, "--noisy", "--sigma", 0.1, "--one-shot", "--json");
    assertEquals(0, cli.exit(), cli.err());
    JsonNode image = new ObjectMapper().readTree(cli.out()).get("images").get(0);
    assertTrue(image.path("psnr_noisy").isMissingNode(), "there is no clean image to compare with");
    assertEquals(2, image.get("files").size()); // one version, the grid
    double roughness = roughness(pixels("b/grainy-1.png"));
    assertTrue(roughness < 0.7 * roughness(pixels("grainy.png")), "still rough: " + roughness);
  }

  /** Mean difference of neighbours, in levels. */
  private static double roughness(int[] pixels) {
    double sum = 0;
    for (int i = 1; i < pixels.length; i++) {
      sum += Math.abs((pixels[i] & 0xff) - (pixels[i - 1] & 0xff));
    }
    return sum / (pixels.length - 1);
  }

  @Test
  void scalesPicturesToTheModelAndKeepsTheirNamesApart() throws IOException {
    for (String folder : List.of("x", "y")) {
      BufferedImage picture = new BufferedImage(50, 40, BufferedImage.TYPE_INT_RGB);
      Path file = Files.createDirectories(temp.resolve(folder)).resolve("cat.png");
      ImageIO.write(picture, "png", file.toFile());
    }
    Cli cli = purify("out", temp.resolve("x/cat.png"), temp.resolve("y/cat.png"), "--one-shot");
    assertEquals(0, cli.exit(), cli.err());
    assertEquals(32, ImageIO.read(temp.resolve("out/cat-1.png").toFile()).getWidth());
    assertEquals(32, ImageIO.read(temp.resolve("out/cat_2-1.png").toFile()).getHeight());
  }

  @Test
  void namesTheFileThatIsNoPicture() throws IOException {
    Path file = Files.writeString(temp.resolve("note.png"), "no picture");
    Cli cli = purify("x", file, "--one-shot");
    assertEquals(2, cli.exit());
    assertTrue(cli.complaint().contains("note.png: not a picture"), cli.err());
    assertEquals(2, purify("x", temp.resolve("nowhere.png"), "--one-shot").exit());
  }
}
