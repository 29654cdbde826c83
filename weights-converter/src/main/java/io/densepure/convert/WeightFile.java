package io.densepure.convert;

import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.weights.MappedFile;
import io.densepure.weights.Safetensors;
import io.densepure.weights.WeightStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Weights in any format that is read here: one of PyTorch's two, safetensors, or several of these
 * with Hugging Face's index.
 */
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
  private final List<Path> parts = new ArrayList<>();

  private WeightFile(Path path, String format, String keyPath, Map<String, String> metadata) {
    this.path = path;
    this.format = format;
    this.keyPath = keyPath;
    this.metadata = metadata;
  }

  /** What a folder of Hugging Face's holds, what is best first. */
  private static final List<String> NAMES =
      List.of(
          "model.safetensors.index.json",
          "model.safetensors",
          "pytorch_model.bin.index.json",
          "pytorch_model.bin");

  /** Whether {@code path} is a file, or a folder in which there are weights by the usual names. */
  public static boolean exists(Path path) {
    return Files.isRegularFile(path) || Files.isDirectory(path) && !inFolder(path).equals(path);
  }

  /** The file in a folder of Hugging Face's; the folder itself if there is none. */
  private static Path inFolder(Path folder) {
    return NAMES.stream()
        .map(folder::resolve)
        .filter(Files::isRegularFile)
        .findFirst()
        .orElse(folder);
  }

  /**
   * @param path a file, an index of several, or a folder as Hugging Face publishes them
   * @param keyPath dotted path to the dictionary of tensors in a checkpoint; null to find it, see
   *     {@link Checkpoint#stateDictPath}; must be null for safetensors and indices, which have none
   * @throws InputException naming the file if it cannot be read as one of the formats, or the path
   *     is not in it
   */
  public static WeightFile open(Path path, String keyPath) {
    Path file = Files.isDirectory(path) ? inFolder(path) : path;
    if (file.toString().endsWith(ShardIndex.ENDING)) {
      return sharded(file, keyPath);
    }
    return isSafetensors(file) ? safetensors(file, keyPath) : checkpoint(file, keyPath);
  }

  private static WeightFile sharded(Path path, String keyPath) {
    if (keyPath != null) {
      throw InputException.of("%s: an index has no parts to choose from; leave --key out", path);
    }
    ShardIndex index = ShardIndex.read(path);
    SortedMap<String, WeightFile> shards = index.open();
    String format = shards.get(shards.firstKey()).format + ", " + shards.size() + " files";
    WeightFile file = new WeightFile(path, format, "", Map.of());
    file.parts.addAll(shards.values().stream().map(WeightFile::path).toList());
    index
        .shardOf()
        .forEach((key, shard) -> file.entries.put(key, shards.get(shard).entries.get(key)));
    return file;
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
    renamed.parts.addAll(parts);
    prefix
        .renames(path.toString(), entries.keySet())
        .forEach((key, old) -> renamed.entries.put(key, entries.get(old).renamed(key)));
    return renamed;
  }

  public Path path() {
    return path;
  }

  /** The file and, if it is an index, those that it names. */
  List<Path> files() {
    return Stream.concat(Stream.of(path), parts.stream()).toList();
  }

  /** The tensors as a weight store, which keeps what it has loaded. */
  public WeightStore store() {
    return new Store(this, new ConcurrentHashMap<>());
  }

  private record Store(WeightFile file, Map<String, HostTensor> loaded) implements WeightStore {
    @Override
    public String source() {
      return file.path.toString();
    }

    @Override
    public Set<String> keys() {
      return Collections.unmodifiableSet(file.entries.keySet());
    }

    @Override
    public HostTensor get(String key) {
      Entry entry = file.entries.get(key);
      if (entry == null) {
        throw InputException.of("%s: no tensor %s", source(), InputException.quote(key));
      }
      return loaded.computeIfAbsent(key, k -> entry.load.get());
    }

    @Override
    public Map<String, String> metadata() {
      return file.metadata;
    }
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
