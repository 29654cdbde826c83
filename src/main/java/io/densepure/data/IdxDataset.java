package io.densepure.data;

import io.densepure.InputException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/**
 * The IDX files of MNIST and Fashion-MNIST, gzipped or not: one channel, pixels / 255. Images of
 * 28x28 get two pixels of black on each side, so that a network for 32x32 takes them.
 */
public final class IdxDataset {
  private static final int IMAGES_MAGIC = 0x803; // unsigned bytes, three dimensions
  private static final int LABELS_MAGIC = 0x801; // unsigned bytes, one dimension
  private static final int MAX_SIDE = 1024;
  private static final int MNIST_SIDE = 28;
  private static final int PADDING = 2;
  private static final String IMAGES = "t10k-images-idx3-ubyte";
  private static final String LABELS = "t10k-labels-idx1-ubyte";
  private static final String BUNDLED = "/data/fashion-mnist/";

  private static final List<String> FASHION =
      List.of(
          "T-shirt/top",
          "Trouser",
          "Pullover",
          "Dress",
          "Coat",
          "Sandal",
          "Shirt",
          "Sneaker",
          "Bag",
          "Ankle boot");
  private static final List<String> DIGITS =
      IntStream.range(0, 10).mapToObj(Integer::toString).toList();

  private IdxDataset() {}

  /** The test set of Fashion-MNIST that comes with this program: 10,000 images, [1, 32, 32]. */
  public static Dataset bundledFashionMnist() {
    return parse("fashion-mnist", FASHION, bundled(IMAGES + ".gz"), bundled(LABELS + ".gz"));
  }

  /**
   * Fashion-MNIST's test set.
   *
   * @param path the folder of the IDX files, or the file of images
   * @throws InputException naming the file that is missing or damaged
   */
  public static Dataset fashionMnist(Path path) {
    return load("fashion-mnist", FASHION, path);
  }

  /** MNIST's test set; arguments and errors as {@link #fashionMnist}. */
  public static Dataset mnist(Path path) {
    return load("mnist", DIGITS, path);
  }

  private static Dataset load(String name, List<String> classNames, Path path) {
    Path images = Files.isDirectory(path) ? find(path, IMAGES) : path;
    String labels =
        images.getFileName().toString().replace("images", "labels").replace("idx3", "idx1");
    if (labels.equals(images.getFileName().toString())) {
      throw InputException.of("%s: give the folder, or the file named %s", path, IMAGES);
    }
    return parse(
        name, classNames, new FileSource(images), new FileSource(images.resolveSibling(labels)));
  }

  private static Path find(Path folder, String name) {
    for (String candidate : List.of(name + ".gz", name, name.replace("-idx", ".idx"))) {
      if (Files.isRegularFile(folder.resolve(candidate))) {
        return folder.resolve(candidate);
      }
    }
    throw InputException.of("%s: has no %s or %s.gz", folder, name, name);
  }

  private static Dataset parse(
      String name, List<String> classNames, Source imageSource, Source labelSource) {
    Idx images = read(imageSource, IMAGES_MAGIC, 3);
    Idx labels = read(labelSource, LABELS_MAGIC, 1);
    int n = images.dims[0];
    if (labels.dims[0] != n) {
      throw InputException.of(
          "%s: has %d labels, but %s has %d images", labelSource, labels.dims[0], imageSource, n);
    }
    int[] classes = new int[n];
    for (int i = 0; i < n; i++) {
      classes[i] = labels.bytes[i] & 0xff;
    }
    int h = images.dims[1];
    int w = images.dims[2];
    int pad = h == MNIST_SIDE && w == MNIST_SIDE ? PADDING : 0;
    return new ByteImages(
        name,
        labelSource.toString(),
        classNames,
        1,
        h + 2 * pad,
        w + 2 * pad,
        pad == 0 ? images.bytes : pad(images.bytes, n, h, w, pad),
        classes);
  }

  private static byte[] pad(byte[] pixels, int n, int h, int w, int pad) {
    int paddedW = w + 2 * pad;
    int paddedH = h + 2 * pad;
    byte[] padded = new byte[n * paddedH * paddedW];
    for (int i = 0; i < n; i++) {
      for (int y = 0; y < h; y++) {
        int to = (i * paddedH + y + pad) * paddedW + pad;
        System.arraycopy(pixels, (i * h + y) * w, padded, to, w);
      }
    }
    return padded;
  }

  private record Idx(int[] dims, byte[] bytes) {}

  private static Idx read(Source source, int magic, int rank) {
    try (DataInputStream in = new DataInputStream(unzipped(source.open()))) {
      int found = in.readInt();
      if (found != magic) {
        throw InputException.of(
            "%s: is not an IDX file of %s: it begins with 0x%08x, not 0x%08x",
            source, magic == IMAGES_MAGIC ? "images" : "labels", found, magic);
      }
      int[] dims = new int[rank];
      long bytes = 1;
      for (int axis = 0; axis < rank; axis++) {
        dims[axis] = in.readInt();
        int limit = axis == 0 ? Integer.MAX_VALUE : MAX_SIDE;
        if (dims[axis] < 1 || dims[axis] > limit) {
          throw InputException.of("%s: announces a dimension of %d", source, dims[axis]);
        }
        bytes *= dims[axis];
      }
      if (bytes > Integer.MAX_VALUE / 2) {
        throw InputException.of("%s: announces %d bytes, more than 1 GiB", source, bytes);
      }
      byte[] content = in.readNBytes((int) bytes); // grows with what there really is
      if (content.length < bytes) {
        throw InputException.of(
            "%s: ends after %d of %d bytes; the file is damaged", source, content.length, bytes);
      }
      if (in.read() != -1) {
        throw InputException.of("%s: is longer than its header says; it is damaged", source);
      }
      return new Idx(dims, content);
    } catch (EOFException e) {
      throw new InputException(source + ": ends early; the file is damaged", e);
    } catch (IOException e) {
      throw InputException.unreadable(source, e);
    }
  }

  private static InputStream unzipped(InputStream raw) throws IOException {
    BufferedInputStream in = new BufferedInputStream(raw);
    in.mark(2);
    boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
    in.reset();
    return gzip ? new GZIPInputStream(in) : in;
  }

  /** Something to read; its string is its name. */
  private interface Source {
    InputStream open() throws IOException;
  }

  private record FileSource(Path file) implements Source {
    @Override
    public InputStream open() throws IOException {
      if (!Files.isRegularFile(file)) {
        throw InputException.of("%s: no such file", file);
      }
      return Files.newInputStream(file);
    }

    @Override
    public String toString() {
      return file.toString();
    }
  }

  private static Source bundled(String name) {
    return new Source() {
      @Override
      public InputStream open() {
        InputStream in = IdxDataset.class.getResourceAsStream(BUNDLED + name);
        if (in == null) {
          throw InputException.of("%s%s is missing from the program's jar", BUNDLED, name);
        }
        return in;
      }

      @Override
      public String toString() {
        return BUNDLED + name;
      }
    };
  }
}
