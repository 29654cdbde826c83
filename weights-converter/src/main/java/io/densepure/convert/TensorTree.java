package io.densepure.convert;

import io.densepure.InputException;
import io.densepure.convert.pickle.PickledObject;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Walks dictionaries and modules down to their tensors. A pickle may refer to one dictionary a
 * billion times or have it contain itself, so steps and depth are bounded.
 */
final class TensorTree {
  private static final int MAX_STEPS = 200_000;
  private static final int MAX_DEPTH = 64;
  private static final int MAX_KEY = 512;
  private static final int MAX_DESCRIBED = 12;

  private final Path file;
  private final Map<String, TensorRef> tensors = new LinkedHashMap<>();
  private int steps;

  TensorTree(Path file) {
    this.file = file;
  }

  /** The tensors below a node by dotted path, in order. A lone tensor is called "tensor". */
  static Map<String, TensorRef> collect(Path file, Object node) {
    TensorTree tree = new TensorTree(file);
    if (node instanceof TensorRef lone) {
      tree.tensors.put("tensor", lone);
    } else {
      tree.walk(node, "", 0);
    }
    return tree.tensors;
  }

  private void walk(Object node, String prefix, int depth) {
    if (depth > MAX_DEPTH || prefix.length() > MAX_KEY) {
      throw InputException.of("%s: its dictionaries are nested more deeply than any network", file);
    }
    visit(node)
        .forEach(
            (name, child) -> {
              if (child instanceof TensorRef tensor) {
                add(prefix + name, tensor);
              } else if (isBranch(child)) {
                walk(child, prefix + name + ".", depth + 1);
              }
            });
  }

  /** Whether there is any tensor below a node. To be asked of several nodes: steps add up. */
  boolean hasTensors(Object node) {
    return isBranch(node) && hasTensors(node, 0);
  }

  private boolean hasTensors(Object node, int depth) {
    return depth <= MAX_DEPTH
        && visit(node).values().stream()
            .anyMatch(c -> c instanceof TensorRef || isBranch(c) && hasTensors(c, depth + 1));
  }

  private Map<String, Object> visit(Object node) {
    Map<String, Object> children = children(node);
    steps += 1 + children.size();
    if (steps > MAX_STEPS) {
      throw InputException.of(
          "%s: holds more than %d values; no network has that many", file, MAX_STEPS);
    }
    return children;
  }

  private void add(String key, TensorRef tensor) {
    if (tensors.put(key, tensor) != null) {
      throw InputException.of("%s: two tensors have the key %s", file, InputException.quote(key));
    }
  }

  /** Whether tensors may be below a node. */
  static boolean isBranch(Object node) {
    return node instanceof Map<?, ?>
        || node instanceof PickledObject object && TorchModules.isModule(object);
  }

  /** What is below a dictionary or module by name; nothing below anything else. */
  @SuppressWarnings("unchecked") // every Map of a pickle has String keys
  static Map<String, Object> children(Object node) {
    if (node instanceof Map<?, ?> map) {
      return (Map<String, Object>) map;
    }
    return isBranch(node) ? TorchModules.children((PickledObject) node) : Map.of();
  }

  /** The node at a dotted path, or null; names on the way may have dots themselves. */
  static Object find(Object node, String path) {
    Map<String, Object> children = children(node);
    if (children.containsKey(path)) {
      return children.get(path);
    }
    for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
      Object child = children.get(path.substring(0, dot));
      Object found = child == null ? null : find(child, path.substring(dot + 1));
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** The names right below a node, for messages. */
  static String describe(Object node) {
    Map<String, Object> children = children(node);
    return children.isEmpty() ? "nothing that could hold tensors" : quoted(children.keySet());
  }

  /** Names for a message, not too many of them. */
  static String quoted(Collection<String> names) {
    String list =
        names.stream()
            .limit(MAX_DESCRIBED)
            .map(InputException::quote)
            .collect(Collectors.joining(", "));
    return names.size() > MAX_DESCRIBED ? list + " ..." : list;
  }
}
