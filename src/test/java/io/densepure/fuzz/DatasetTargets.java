package io.densepure.fuzz;

import io.densepure.InputException;
import io.densepure.compute.HostTensor;
import io.densepure.data.Dataset;
import io.densepure.data.Datasets;
import io.densepure.data.ImageDecoder;
import io.densepure.data.Npy;
import io.densepure.data.Npz;
import io.densepure.data.PictureSize;
import io.densepure.data.RgbImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Images and arrays: IDX, CIFAR-10, NumPy's files, pictures, ImageNet's list of classes. */
final class DatasetTargets {
  private static final long MAX_PIXELS = 1 << 18;

  private DatasetTargets() {}

  /** IDX: a file of images with labels that fit, and the same bytes as labels. */
  static void idx(byte[] input, Path folder) throws IOException {
    Path images = Files.write(folder.resolve("t10k-images-idx3-ubyte"), input);
    int n = input.length < 8 ? 0 : ByteBuffer.wrap(input).getInt(4);
    boolean labels = input.length >= 4 && input[3] == 1;
    int count = Math.max(0, Math.min(n, 1 << 16));
    ByteBuffer fitting = ByteBuffer.allocate(8 + count).putInt(0x801).putInt(n);
    Files.write(folder.resolve("t10k-labels-idx1-ubyte"), labels ? input : fitting.array());
    if (labels) {
      ByteBuffer small = ByteBuffer.allocate(16 + count).putInt(0x803).putInt(n).putInt(1);
      Files.write(images, small.putInt(1).array());
    }
    checkImages(Datasets.open("mnist", folder));
  }

  /** CIFAR-10's test batch, a pickle or binary. */
  static void cifar(byte[] input, Path folder) throws IOException {
    checkImages(Datasets.open("cifar10", Files.write(folder.resolve("test_batch"), input)));
  }

  /** What names CIFAR-10's classes, beside a batch of one image. */
  static void cifarMeta(byte[] input, Path folder) throws IOException {
    boolean pickle = input.length > 0 && (input[0] & 0xff) == 0x80;
    Files.write(folder.resolve(pickle ? "batches.meta" : "batches.meta.txt"), input);
    Path batch = folder.resolve("test_batch");
    Files.write(batch, pickle ? FuzzTargets.resource("batch-of-none") : new byte[1 + 3 * 32 * 32]);
    Dataset data = Datasets.open("cifar10", batch);
    Oracle.require(data.classNames().size() == 10, "not 10 classes");
  }

  private static void checkImages(Dataset data) {
    for (int i = 0; i < data.size(); i++) {
      int label = data.label(i);
      Oracle.require(label >= 0 && label < data.classNames().size(), "label " + label);
    }
  }

  /** An array; one of labels must come back as it was written. */
  static void npy(byte[] input, Path folder) throws IOException {
    Path file = Files.write(folder.resolve("a.npy"), input);
    HostTensor array = Npy.read(file);
    Oracle.require(
        array.data().remaining() == array.shape().elements() * array.dtype().bytes(),
        "bytes that do not fit the shape");
    Path copy = folder.resolve("copy.npy");
    Npy.write(copy, array);
    Oracle.require(Npy.read(copy).data().equals(array.data()), "another array after writing");
    Npy.readLongs(file);
  }

  /** An archive of arrays. */
  static void npz(byte[] input, Path folder) throws IOException {
    try (Npz arrays = Npz.open(Files.write(folder.resolve("a.npz"), input))) {
      for (String name : arrays.names()) {
        arrays.get(name);
      }
    }
  }

  /** A picture in any format, and what is made of it before a network sees it. */
  static void picture(byte[] input, Path folder) throws IOException {
    RgbImage image = ImageDecoder.decode(Files.write(folder.resolve("p"), input), MAX_PIXELS);
    Oracle.require((long) image.width() * image.height() <= MAX_PIXELS, "too many pixels");
    RgbImage square = image.shortSide(16).centerCrop(16);
    Oracle.require(square.toTensor().length == 3 * 16 * 16, "not 16 x 16");
  }

  /** Kaggle's list of images and classes: whatever it says, files stay in their folder. */
  static void solution(byte[] input, Path folder) throws IOException {
    Files.write(folder.resolve("LOC_val_solution.csv"), input);
    Dataset data = Datasets.open("imagenet", folder, PictureSize.IMAGENET);
    Oracle.require(data.size() > 0 && data.classNames().size() <= data.size(), "no images");
    InputException missing = null;
    try {
      data.image(0);
    } catch (InputException e) {
      missing = e;
    }
    Oracle.require(missing != null, "read a picture that is not there");
    throw missing;
  }
}
