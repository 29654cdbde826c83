package io.densepure.data;

import io.densepure.InputException;
import java.nio.file.Path;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Pictures in files, [3, crop, crop], decoded when asked for: the shorter side is resized and the
 * middle is cut out, as the original's {@code datasets.py, _imagenet("test")} has torchvision do
 * it.
 */
final class PictureDataset implements Dataset {
  static final String IMAGENET = "imagenet";
  static final String IMAGE_FOLDER = "image-folder";
  private static final int CHANNELS = 3;
  private static final int MAX_SIDE = 4096;

  private final String name;
  private final LabelledFiles pictures;
  private final int resize;
  private final int crop;

  private PictureDataset(String name, LabelledFiles pictures, PictureSize size) {
    if (size.resize() < 1 || size.resize() > MAX_SIDE) {
      throw InputException.of("resize must be 1 to %d, not %d", MAX_SIDE, size.resize());
    }
    if (size.crop() < 1 || size.crop() > size.resize()) {
      throw InputException.of("crop must be 1 to resize (%d), not %d", size.resize(), size.crop());
    }
    this.name = name;
    this.pictures = pictures;
    this.resize = size.resize();
    this.crop = size.crop();
  }

  /**
   * ImageNet's validation set; see {@link ImageFolders}.
   *
   * @throws InputException naming what is missing or wrong
   */
  static Dataset imagenet(Path path, PictureSize size) {
    return new PictureDataset(IMAGENET, ImageFolders.imagenet(path), size);
  }

  /** Any pictures, one class per sub-folder; errors as {@link #imagenet}. */
  static Dataset folder(Path path, PictureSize size) {
    return new PictureDataset(IMAGE_FOLDER, ImageFolders.byClassFolder(path), size);
  }

  /** With the size, on which results depend. */
  @Override
  public String name() {
    return "%s (%d, cropped to %d)".formatted(name, resize, crop);
  }

  @Override
  public int size() {
    return pictures.files().size();
  }

  @Override
  public List<String> classNames() {
    return pictures.classNames();
  }

  @Override
  public int channels() {
    return CHANNELS;
  }

  @Override
  public int height() {
    return crop;
  }

  @Override
  public int width() {
    return crop;
  }

  @Override
  public INDArray image(int index) {
    Path file = pictures.files().get(index);
    RgbImage picture = resized(file).centerCrop(crop);
    return Nd4j.createFromArray(picture.toTensor()).reshape(CHANNELS, crop, crop);
  }

  private RgbImage resized(Path file) {
    RgbImage picture = ImageDecoder.decode(file);
    try {
      return picture.shortSide(resize);
    } catch (InputException e) {
      throw new InputException(file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public int label(int index) {
    return pictures.labels().get(index);
  }
}
