package io.densepure.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.compute.HostTensor;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class DatasetsTest {
  private static final Path CIFAR = Path.of("src/test/reference/preproc");
  private static final String IMAGES = "t10k-images-idx3-ubyte";
  private static final String LABELS = "t10k-labels-idx1-ubyte";

  @TempDir Path temp;

  @Test
  void bundledFashionMnistIsTheWholeTestSet() {
    Dataset data = Datasets.open("fashion-mnist", null);
    assertEquals(10_000, data.size());
    assertEquals(1, data.channels());
    assertEquals(32, data.height());
    assertEquals(32, data.width());
    int[] perClass = new int[10];
    for (int i = 0; i < data.size(); i++) {
      perClass[data.label(i)]++;
    }
    for (int count : perClass) {
      assertEquals(1000, count);
    }
    assertEquals("Ankle boot", data.classNames().get(data.label(0)));
    INDArray image = data.image(0);
    assertArrayEquals(new long[] {1, 32, 32}, image.shape());
    assertEquals(DataType.FLOAT, image.dataType());
    assertEquals(0, image.minNumber().floatValue());
    assertEquals(1, image.maxNumber().floatValue());
  }

  @Test
  void idxImagesOf28GetTwoPixelsOfBlackAround() throws IOException {
    byte[] pixels = new byte[2 * 28 * 28];
    Arrays.fill(pixels, (byte) 51);
    pixels[28 * 28] = (byte) 255; // top left of the second image
    writeIdx(temp.resolve(IMAGES), new int[] {0x803, 2, 28, 28}, pixels);
    writeIdx(temp.resolve(LABELS), new int[] {0x801, 2}, new byte[] {9, 0});
    for (Path path : List.of(temp, temp.resolve(IMAGES))) {
      Dataset data = Datasets.open("mnist", path);
      assertEquals(2, data.size());
      assertEquals(9, data.label(0));
      assertEquals("0", data.classNames().get(0));
      float[][] image = data.image(1).reshape(32, 32).toFloatMatrix();
      for (int y = 0; y < 32; y++) {
        for (int x = 0; x < 32; x++) {
          boolean inside = y >= 2 && y < 30 && x >= 2 && x < 30;
          float expected = !inside ? 0 : y == 2 && x == 2 ? 1 : 51 / 255f;
          assertEquals(expected, image[y][x], "(" + y + ", " + x + ")");
        }
      }
    }
  }

  @Test
  void idxMayBeGzippedOrNotWhateverItsName() throws IOException {
    writeIdx(temp.resolve(IMAGES), new int[] {0x803, 1, 3, 5}, new byte[15]);
    Files.write(temp.resolve(LABELS), gzip(idx(new int[] {0x801, 1}, new byte[] {7})));
    Dataset data = Datasets.open("fashion-mnist", temp);
    assertEquals(3, data.height());
    assertEquals(5, data.width());
    assertEquals(7, data.label(0));
  }

  @Test
  void damagedIdxFilesAreRefusedByName() throws IOException {
    byte[] good = idx(new int[] {0x803, 2, 4, 4}, new byte[32]);
    writeIdx(temp.resolve(LABELS), new int[] {0x801, 2}, new byte[2]);
    assertRefused(Arrays.copyOf(good, 20), IMAGES, "ends after");
    assertRefused(Arrays.copyOf(good, 10), IMAGES, "ends early");
    assertRefused(new byte[0], IMAGES, "ends early");
    assertRefused(Arrays.copyOf(good, good.length + 1), IMAGES, "longer");
    assertRefused(idx(new int[] {0x801, 2, 4, 4}, new byte[32]), IMAGES, "0x00000801");
    assertRefused(idx(new int[] {0x803, -1, 4, 4}, new byte[32]), IMAGES, "-1");
    assertRefused(idx(new int[] {0x803, 2, 4, 0}, new byte[0]), IMAGES, "dimension of 0");
    assertRefused(idx(new int[] {0x803, 2, 1 << 20, 4}, new byte[32]), IMAGES, "1048576");
    assertRefused(idx(new int[] {0x803, Integer.MAX_VALUE, 4, 4}, new byte[32]), IMAGES, "1 GiB");
    // Announces 800 MB and delivers nothing: refused without that memory.
    assertRefused(idx(new int[] {0x803, 50_000_000, 4, 4}, new byte[32]), IMAGES, "ends after 32");
    byte[] zipped = gzip(good);
    assertRefused(Arrays.copyOf(zipped, zipped.length - 12), IMAGES, "");
    zipped[zipped.length - 6] ^= 1; // the checksum
    assertRefused(zipped, IMAGES, "");
    assertRefused(idx(new int[] {0x803, 3, 4, 4}, new byte[48]), LABELS, "2 labels");
    writeIdx(temp.resolve(LABELS), new int[] {0x801, 2}, new byte[] {0, 10});
    assertRefused(good, LABELS, "image 1 is 10");
    Files.delete(temp.resolve(LABELS));
    assertRefused(good, LABELS, "no such file");
  }

  private void assertRefused(byte[] images, String file, String reason) throws IOException {
    Files.write(temp.resolve(IMAGES), images);
    InputException e =
        assertThrows(InputException.class, () -> Datasets.open("fashion-mnist", temp));
    assertTrue(e.getMessage().contains(file), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "cifar-10-batches-py",
        "cifar-10-batches-py/test_batch",
        "cifar-10-batches-py/test_batch_py3_proto4",
        "cifar-10-batches-py/test_batch_py3_fortran_bytes",
        "cifar-10-batches-bin",
        "cifar-10-batches-bin/test_batch.bin"
      })
  void cifar10IsReadAsTorchvisionDoes(String path) {
    assertIsReference(Datasets.open("cifar10", CIFAR.resolve(path)));
  }

  private static void assertIsReference(Dataset data) {
    try (Npz expected = Npz.open(CIFAR.resolve("cifar10_files.npz"))) {
      HostTensor labels = expected.get("labels");
      long[] hwc = expected.get("images_hwc_u8").toLongs();
      assertEquals(12, data.size());
      for (int i = 0; i < data.size(); i++) {
        assertEquals(labels.toLongs()[i], data.label(i));
        INDArray image = data.image(i);
        assertArrayEquals(new long[] {3, 32, 32}, image.shape());
        float[] chw = image.reshape(3 * 32 * 32).toFloatVector();
        for (int at = 0; at < chw.length; at++) {
          int c = at / 1024;
          int byteValue = (int) hwc[(i * 1024 + at % 1024) * 3 + c];
          assertEquals(byteValue / 255f, chw[at]);
        }
      }
      double[] first = expected.get("tensor_0_chw_f32").toDoubles();
      float[] image = data.image(0).reshape(3 * 32 * 32).toFloatVector();
      for (int at = 0; at < image.length; at++) {
        assertEquals((float) first[at], image[at]);
      }
      assertEquals("cat", data.classNames().get(3));
    }
  }

  @Test
  void damagedCifar10IsRefusedByName() throws IOException {
    Path cut = CIFAR.resolve("cifar-10-batches-bin/test_batch_truncated.bin");
    assertCifarRefused(cut, "test_batch_truncated.bin");
    Path file = temp.resolve("test_batch.bin");
    Files.write(file, new byte[0]);
    assertCifarRefused(temp, "test_batch.bin");
    byte[] record = new byte[3073];
    record[0] = 10;
    Files.write(file, record);
    assertCifarRefused(file, "image 0 is 10");
    record[0] = 9;
    Files.write(file, record);
    assertEquals("truck", Datasets.open("cifar10", temp).classNames().get(9));
    Files.writeString(temp.resolve("batches.meta.txt"), "a\nb\n");
    assertCifarRefused(temp, "batches.meta.txt");
    Files.writeString(temp.resolve("batches.meta.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
    assertEquals("j", Datasets.open("cifar10", temp).classNames().get(9));
    Files.writeString(temp.resolve("batches.meta.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\n\u001b[2J\n");
    assertEquals("\\u001b[2J", Datasets.open("cifar10", temp).classNames().get(9));
  }

  /** Python 2 wrote the archive's pickles in protocol 2; here in protocol 0, to be read as text. */
  @Test
  void pickledBatchesThatHoldSomethingElseAreRefusedByName() throws IOException {
    Path file = temp.resolve("test_batch");
    Files.writeString(file, "(lp0\nI1\na.");
    assertCifarRefused(temp, "no pickled dictionary");
    Files.writeString(file, "(dp0\nS'labels'\np1\n(lp2\nI1\nas.");
    assertCifarRefused(temp, "no data and labels");
    Files.writeString(file, "cos\nsystem\n(S'true'\ntR.");
    assertCifarRefused(file, "test_batch");
    byte[] good = Files.readAllBytes(CIFAR.resolve("cifar-10-batches-py/test_batch"));
    Files.write(file, Arrays.copyOf(good, good.length / 2));
    assertCifarRefused(temp, "test_batch");
    // The opcodes I 3 (the first label) and I 7 (the second).
    Files.write(file, changed(good, "K\3K\7", "K\3K\n"));
    assertCifarRefused(temp, "image 1 is 10");
    Files.write(file, changed(good, "K\3K\7", "K\3N0"));
    assertCifarRefused(temp, "test_batch");
    Files.write(file, changed(good, "K\3K\7", "K\3NN"));
    assertCifarRefused(temp, "13 labels");
    Files.write(file, changed(good, "U\2u1", "U\2i1")); // signed pixels
    assertCifarRefused(temp, "|i1");
    Files.write(file, good);
    assertEquals("truck", Datasets.open("cifar10", temp).classNames().get(9));
    Files.writeString(temp.resolve("batches.meta"), "(dp0\nS'label_names'\np1\n(lp2\nI1\nas.");
    assertCifarRefused(temp, "batches.meta");
  }

  private static byte[] changed(byte[] bytes, String from, String to) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    assertTrue(text.contains(from));
    return text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void assertCifarRefused(Path path, String reason) {
    InputException e = assertThrows(InputException.class, () -> Datasets.open("cifar10", path));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  @Test
  void unknownNamesAndMissingPathsAreRefused() {
    assertTrue(
        assertThrows(InputException.class, () -> Datasets.open("cifar100", null))
            .getMessage()
            .contains("fashion-mnist"));
    assertThrows(InputException.class, () -> Datasets.open("cifar10", temp));
    assertThrows(InputException.class, () -> Datasets.open("mnist", temp.resolve("absent")));
    assertTrue(
        assertThrows(InputException.class, () -> Datasets.open("mnist", null))
            .getMessage()
            .contains("datasets/mnist"));
  }

  private static void writeIdx(Path file, int[] header, byte[] content) throws IOException {
    Files.write(file, idx(header, content));
  }

  private static byte[] idx(int[] header, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    for (int word : header) {
      out.writeInt(word);
    }
    out.write(content);
    return bytes.toByteArray();
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }
}
