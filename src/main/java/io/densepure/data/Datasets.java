package io.densepure.data;

import io.densepure.InputException;
import io.densepure.download.Cache;
import io.densepure.download.Catalogue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/** The data sets by name, and where each is looked for. */
public final class Datasets {
  private static final String BUNDLED = "fashion-mnist";
  private static final Map<String, BiFunction<Path, PictureSize, Dataset>> LOADERS =
      new TreeMap<>(
          Map.of(
              Cifar10Dataset.NAME,
              (path, size) -> Cifar10Dataset.load(path),
              BUNDLED,
              (path, size) -> IdxDataset.fashionMnist(path),
              "mnist",
              (path, size) -> IdxDataset.mnist(path),
              PictureDataset.IMAGENET,
              PictureDataset::imagenet,
              PictureDataset.IMAGE_FOLDER,
              PictureDataset::folder));

  private Datasets() {}

  /** The names that {@link #open} takes. */
  public static List<String> names() {
    return List.copyOf(LOADERS.keySet());
  }

  /**
   * @param name one of {@link #names}
   * @param path its folder or file; null for the default: the bundled test set of fashion-mnist,
   *     and for the others {@code datasets/NAME}, then {@code datasets/dataset_cache} (where the
   *     original keeps its own), below the working directory, then where downloads go
   * @throws InputException if there is no such data set, or naming the file that is wrong
   */
  public static Dataset open(String name, Path path) {
    return open(name, path, PictureSize.IMAGENET);
  }

  /**
   * As {@link #open(String, Path)}.
   *
   * @param size of pictures that are read from files of any size: imagenet and image-folder
   */
  public static Dataset open(String name, Path path, PictureSize size) {
    BiFunction<Path, PictureSize, Dataset> loader = LOADERS.get(name);
    if (loader == null) {
      throw InputException.of("there is no data set '%s'; there are %s", name, names());
    }
    if (path != null && !Files.exists(path)) {
      throw InputException.of("%s: no such file or folder (data set %s)", path, name);
    }
    if (path == null && name.equals(BUNDLED)) {
      return IdxDataset.bundledFashionMnist();
    }
    return loader.apply(path != null ? path : defaultFolder(name), size);
  }

  /**
   * Where {@link #open} looks for a data set whose path is not said; null if that is the bundled
   * one.
   *
   * @throws InputException if it is nowhere
   */
  public static Path usualPlace(String name) {
    return name.equals(BUNDLED) ? null : defaultFolder(name);
  }

  private static Path defaultFolder(String name) {
    return Stream.of(
            Path.of("datasets", name),
            Path.of("datasets", "dataset_cache"),
            Cache.folder().resolve(Path.of("datasets", name)))
        .filter(Files::isDirectory)
        .findFirst()
        .orElseThrow(
            () ->
                InputException.of(
                    "data set %s: put it into the folder datasets/%s, or say where it is with --data%s",
                    name, name, Catalogue.hint(name)));
  }
}
