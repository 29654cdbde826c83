package io.densepure.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of pictures: which there are, in which order, and of which class. */
class PictureDatasetTest {
  private static final PictureSize SMALL = new PictureSize(4, 2);

  @TempDir private Path temp;

  /** A PNG of 4 x 8 pixels, all of this red, whatever its name says. */
  private void picture(String name, int red) throws IOException {
    BufferedImage image = new BufferedImage(4, 8, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 32; i++) {
      image.setRGB(i % 4, i / 4, red << 16);
    }
    Path file = temp.resolve(name);
    Files.createDirectories(file.getParent());
    ImageIO.write(image, "png", file.toFile());
  }

  private static void assertReds(Dataset data, int... reds) {
    assertEquals(reds.length, data.size());
    for (int i = 0; i < reds.length; i++) {
      assertEquals(reds[i] / 255f, data.image(i).getFloat(0, 0, 0), "image " + i);
    }
  }

  private static void assertLabels(Dataset data, int... labels) {
    int[] found = new int[data.size()];
    for (int i = 0; i < found.length; i++) {
      found[i] = data.label(i);
    }
    assertArrayEquals(labels, found);
  }

  private void assertRefused(String name, String message) {
    InputException e = assertThrows(InputException.class, () -> Datasets.open(name, temp, SMALL));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void classesAndFilesComeInTorchvisionsOrder() throws IOException {
    picture("b/z.png", 1);
    picture("b/A.JPG", 2); // upper case before lower
    picture("b/deep/a.jpeg", 3); // after the files above it
    picture("a/10.png", 4);
    picture("a/9.png", 5);
    Files.writeString(temp.resolve("a/notes.txt"), "no picture");
    Files.writeString(temp.resolve("readme.txt"), "no class");

    Dataset data = Datasets.open("image-folder", temp, SMALL);

    assertEquals(List.of("a", "b"), data.classNames());
    assertReds(data, 4, 5, 2, 1, 3);
    assertLabels(data, 0, 0, 1, 1, 1);
    assertArrayEquals(new long[] {3, 2, 2}, data.image(0).shape());
  }

  @Test
  void imagenetIsFoundInTheFolderVal() throws IOException {
    picture("val/n02/x.JPEG", 1);
    picture("val/n01/y.JPEG", 2);
    Dataset data = Datasets.open("imagenet", temp, SMALL);
    assertEquals(List.of("n01", "n02"), data.classNames());
    assertReds(data, 2, 1);
  }

  @Test
  void kagglesFlatFolderGivesTheSameOrder() throws IOException {
    String folder = "ILSVRC/Data/CLS-LOC/val/";
    picture(folder + "v_1.JPEG", 1);
    picture(folder + "v_2.JPEG", 2);
    picture(folder + "v_3.JPEG", 3);
    Files.writeString(
        temp.resolve("LOC_val_solution.csv"),
        """
        ImageId,PredictionString
        v_3,n01 85 1 499 272
        v_2,n02 1 2 3 4 n02 5 6 7 8
        v_1,n01 0 0 1 1
        """);
    Dataset data = Datasets.open("imagenet", temp, SMALL);
    assertEquals(List.of("n01", "n02"), data.classNames());
    assertReds(data, 1, 3, 2);
    assertLabels(data, 0, 0, 1);

    Dataset same = Datasets.open("imagenet", temp.resolve(folder), SMALL);
    assertReds(same, 1, 3, 2);
  }

  @Test
  void aMissingFileOfTheListKeepsItsIndex() throws IOException {
    picture("v_2.JPEG", 2);
    Files.writeString(
        temp.resolve("LOC_val_solution.csv"), "ImageId,PredictionString\nv_1,n01 1\nv_2,n01 1\n");
    Dataset data = Datasets.open("imagenet", temp, SMALL);
    assertEquals(2, data.size());
    InputException e = assertThrows(InputException.class, () -> data.image(0));
    assertTrue(e.getMessage().contains("v_1.JPEG"), e.getMessage());
    assertEquals(2 / 255f, data.image(1).getFloat(0, 0, 0));
  }

  @Test
  void aListOfImagesNamesNoneOutsideItsFolder() throws IOException {
    picture("v_1.JPEG", 1);
    for (String name : List.of("../v_1", "/tmp/v_1", "a/v_1", "..", "a\u001b[2J")) {
      Files.writeString(
          temp.resolve("LOC_val_solution.csv"),
          "ImageId,PredictionString\nv_1,n01 1\n" + name + ",n01 1\n");
      assertRefused("imagenet", "line 3: " + InputException.quote(name) + " is no name");
    }
  }

  @Test
  void namesOfClassesCannotCommandTheTerminal() throws IOException {
    picture("\u001b[2Jcat/1.png", 1);
    assertEquals(List.of("\\u001b[2Jcat"), Datasets.open("image-folder", temp, SMALL).classNames());
  }

  /** It is a file of hundreds of bytes, and would be 280,000 pixels wide. */
  @Test
  void aPictureThatIsALineIsNamed() throws IOException {
    Path file = Files.createDirectory(temp.resolve("a")).resolve("line.png");
    ImageIO.write(
        new BufferedImage(70_000, 1, BufferedImage.TYPE_BYTE_BINARY), "png", file.toFile());
    Dataset data = Datasets.open("image-folder", temp, SMALL);
    InputException e = assertThrows(InputException.class, () -> data.image(0));
    assertTrue(e.getMessage().startsWith(file + ": is 70000 x 1, too narrow"), e.getMessage());
  }

  @Test
  void nothingIsDecodedBeforeItIsAskedFor() throws IOException {
    picture("a/1.png", 1);
    Files.writeString(temp.resolve("a/2.png"), "no picture");
    Dataset data = Datasets.open("image-folder", temp, SMALL);
    assertEquals(2, data.size());
    assertEquals(1 / 255f, data.image(0).getFloat(0, 0, 0));
    InputException e = assertThrows(InputException.class, () -> data.image(1));
    assertTrue(e.getMessage().startsWith(temp.resolve("a/2.png").toString()), e.getMessage());
  }

  @Test
  void foldersThatAreNoDataSetAreRefused() throws IOException {
    assertRefused("image-folder", "has no sub-folders");
    assertRefused("imagenet", "LOC_val_solution.csv");
    Files.createDirectories(temp.resolve("empty"));
    assertRefused("image-folder", "holds no pictures");
    Files.writeString(temp.resolve("LOC_val_solution.csv"), "ImageId,PredictionString\n");
    assertRefused("imagenet", "lists no images");
    Files.writeString(temp.resolve("LOC_val_solution.csv"), "ImageId,PredictionString\nv_1\n");
    assertRefused("imagenet", "line 2");
  }

  @Test
  void sizesThatCannotBeCutAreRefused() throws IOException {
    picture("a/1.png", 1);
    for (PictureSize size :
        List.of(new PictureSize(2, 3), new PictureSize(0, 0), new PictureSize(5000, 224))) {
      assertThrows(InputException.class, () -> Datasets.open("image-folder", temp, size));
    }
  }
}
