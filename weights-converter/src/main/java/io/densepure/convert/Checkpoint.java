package io.densepure.convert;

import io.densepure.InputException;
import io.densepure.weights.MappedFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An opened PyTorch checkpoint: one Python object, somewhere in which are tensors. Mostly it is a
 * dictionary of tensors (a state dict), or a dictionary that holds one beside other things, or a
 * pickled module.
 */
public final class Checkpoint {
  /** How the file is laid out. */
  public enum Format {
    /** PyTorch 1.6 and later. */
    ZIP("PyTorch, zip"),
    /** Before PyTorch 1.6. */
    LEGACY("PyTorch, legacy");

    private final String label;

    Format(String label) {
      this.label = label;
    }

    /** For people. */
    public String label() {
      return label;
    }
  }

  private static final int MAX_SCALARS = 100;
  private static final int MAX_SCALAR = 200;

  private final MappedFile file;
  private final Format format;
  private final Object root;
  private final Storages storages;

  Checkpoint(MappedFile file, Format format, Object root, Storages storages) {
    this.file = file;
    this.format = format;
    this.root = root;
    this.storages = storages;
  }

  public Path path() {
    return file.path();
  }

  public Format format() {
    return format;
  }

  /** The whole object as plain data, see {@link io.densepure.convert.pickle.Unpickler}. */
  public Object root() {
    return root;
  }

  /**
   * All tensors in the checkpoint, by their dotted path from the root: {@code
   * state_dict.conv.weight}. Lists are not searched.
   *
   * @throws InputException naming the file if there are more than any network has
   */
  public CheckpointWeights all() {
    return weights(TensorTree.collect(file.path(), root));
  }

  /**
   * The tensors below a path, by their path from there: {@code conv.weight} below {@code
   * state_dict}.
   *
   * @throws InputException naming the file if there is no such path or no tensor below it
   */
  public CheckpointWeights at(String keyPath) {
    Object node = TensorTree.find(root, keyPath);
    Map<String, TensorRef> tensors = TensorTree.collect(file.path(), node);
    if (tensors.isEmpty()) {
      throw InputException.of(
          "%s: no tensors below %s; it has %s",
          file.path(), InputException.quote(keyPath), TensorTree.describe(root));
    }
    return weights(tensors);
  }

  /**
   * The path of the state dict: empty if the checkpoint is one or is a module; otherwise found by
   * the names that are usual for it, or because nothing else holds tensors.
   *
   * @throws InputException naming the file, and what there is to choose from, if that is not clear
   */
  public String stateDictPath() {
    return new StateDictFinder(file.path()).find(root);
  }

  /** The tensors below {@link #stateDictPath}. */
  public CheckpointWeights stateDict() {
    String path = stateDictPath();
    return path.isEmpty() ? all() : at(path);
  }

  /**
   * The numbers and short strings right below the root: {@code epoch}, {@code arch}, {@code
   * best_acc} …
   */
  public Map<String, String> scalars() {
    Map<String, String> scalars = new LinkedHashMap<>();
    TensorTree.children(root)
        .forEach(
            (name, value) -> {
              boolean shown =
                  value instanceof Number
                      || value instanceof Boolean
                      || value instanceof String s && s.length() <= MAX_SCALAR;
              if (shown && scalars.size() < MAX_SCALARS) {
                scalars.put(name, value.toString());
              }
            });
    return scalars;
  }

  private CheckpointWeights weights(Map<String, TensorRef> tensors) {
    return new CheckpointWeights(file, storages, tensors);
  }
}
