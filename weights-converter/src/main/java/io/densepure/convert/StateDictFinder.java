package io.densepure.convert;

import io.densepure.InputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Finds the state dict in a checkpoint that holds other things beside it. */
final class StateDictFinder {
  /** timm 0.5.4 (models/helpers.py, load_state_dict) takes the first two in this order. */
  private static final List<String> USUAL_NAMES =
      List.of(
          "state_dict",
          "model",
          "model_state_dict",
          "model_state",
          "net",
          "network",
          "module",
          "state_dict_ema",
          "model_ema",
          "ema");

  private static final int MAX_DEPTH = 8;

  private final Path file;
  private final TensorTree tree;

  StateDictFinder(Path file) {
    this.file = file;
    this.tree = new TensorTree(file);
  }

  /** Its dotted path; empty if it is the root. */
  String find(Object root) {
    return find(root, "", 0);
  }

  private String find(Object node, String path, int depth) {
    if (!(node instanceof Map<?, ?>) || depth > MAX_DEPTH) {
      return checked(node, path);
    }
    Map<String, Object> children = TensorTree.children(node);
    for (String name : USUAL_NAMES) {
      if (tree.hasTensors(children.get(name))) {
        return find(children.get(name), join(path, name), depth + 1);
      }
    }
    if (children.values().stream().anyMatch(c -> c instanceof TensorRef)) {
      return path;
    }
    List<String> candidates =
        children.keySet().stream().filter(name -> tree.hasTensors(children.get(name))).toList();
    if (candidates.size() > 1) {
      throw InputException.of(
          "%s: several parts hold tensors: %s; choose one with --key",
          file, TensorTree.quoted(candidates));
    }
    if (candidates.isEmpty()) {
      return checked(node, path);
    }
    String only = candidates.get(0);
    return find(children.get(only), join(path, only), depth + 1);
  }

  private String checked(Object node, String path) {
    if (!tree.hasTensors(node) && !(node instanceof TensorRef)) {
      throw InputException.of(
          "%s: no tensors in this checkpoint; it has %s", file, TensorTree.describe(node));
    }
    return path;
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
