package io.densepure.convert;

import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.weights.MappedFile;
import io.densepure.weights.Safetensors;
import io.densepure.weights.WeightStore;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** A file of weights in any format that is read here: PyTorch's two, or safetensors. */
public final class WeightFile {
  /**
   * One tensor in the file.
   *
   * @param load reads it, anew each time
   */
  public record Entry(String key, DType dtype, Shape shape, Supplier<HostTensor> load) {
    Entry renamed(String newKey) {
      return new Entry(newKey, dtype, shape, load);
    }

    /** Its length in bytes. */
    public long bytes() {
      return shape.elements() * dtype.bytes();
    }
  }

  private final Path path;
  private final String format;
  private final String keyPath;
  private final Map<String, String> metadata;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private WeightFile(Path path, String format, String keyPath, Map<String, String> metadata) {
    this.path = path;
    this.format = format;
    this.keyPath = keyPath;
    this.metadata = metadata;
  }

  /**
   * @param keyPath dotted path to the dictionary of tensors in a checkpoint; null to find it, see
   *     {@link Checkpoint#stateDictPath}; must be null for safetensors, which have none
   * @throws InputException naming the file if it cannot be read as one of the formats, or the path
   *     is not in it
   */
  public static WeightFile open(Path path, String keyPath) {
    return isSafetensors(path) ? safetensors(path, keyPath) : checkpoint(path, keyPath);
  }

  /** By content, because it decides which reader's complaint the user gets to see. */
  private static boolean isSafetensors(Path path) {
    if (path.toString().endsWith(Safetensors.EXTENSION)) {
      return true;
    }
    MappedFile file = MappedFile.open(path);
    long first = file.size() > Long.BYTES ? file.slice(0, Long.BYTES).getLong() : -1;
    return first > 0 && first < file.size() && file.slice(Long.BYTES, 1).get() == '{';
  }

  private static WeightFile safetensors(Path path, String keyPath) {
    if (keyPath != null) {
      throw InputException.of(
          "%s: a safetensors file has no parts to choose from; leave --key out", path);
    }
    WeightStore store = Safetensors.open(path);
    WeightFile file = new WeightFile(path, "safetensors", "", store.metadata());
    for (String key : store.keys()) {
      HostTensor t = store.get(key);
      file.entries.put(key, new Entry(key, t.dtype(), t.shape(), () -> t));
    }
    return file;
  }

  private static WeightFile checkpoint(Path path, String keyPath) {
    Checkpoint checkpoint = CheckpointReader.open(path);
    String found = keyPath == null ? checkpoint.stateDictPath() : keyPath;
    CheckpointWeights weights = found.isEmpty() ? checkpoint.all() : checkpoint.at(found);
    WeightFile file =
        new WeightFile(path, checkpoint.format().label(), found, checkpoint.scalars());
    for (String key : weights.keys()) {
      TensorRef t = weights.ref(key);
      file.entries.put(key, new Entry(key, t.dtype(), t.shape(), () -> weights.load(key)));
    }
    return file;
  }

  /**
   * The same tensors under other keys.
   *
   * @throws InputException naming the file if two tensors would have the same key
   */
  public WeightFile with(KeyPrefix prefix) {
    WeightFile renamed = new WeightFile(path, format, keyPath, metadata);
    prefix
        .renames(path.toString(), entries.keySet())
        .forEach((key, old) -> renamed.entries.put(key, entries.get(old).renamed(key)));
    return renamed;
  }

  public Path path() {
    return path;
  }

  /** For people: "PyTorch, zip", "PyTorch, legacy", "safetensors". */
  public String format() {
    return format;
  }

  /** Where in the checkpoint the tensors are; empty if at the root. */
  public String keyPath() {
    return keyPath;
  }

  /** In the order of the file. */
  public Collection<Entry> entries() {
    return Collections.unmodifiableCollection(entries.values());
  }

  /** The shapes by key. */
  public Map<String, Shape> shapes() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    entries.values().forEach(e -> shapes.put(e.key, e.shape));
    return shapes;
  }

  /** A safetensors file's metadata; the numbers and strings beside a checkpoint's state dict. */
  public Map<String, String> metadata() {
    return metadata;
  }
}
