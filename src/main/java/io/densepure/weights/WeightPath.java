package io.densepure.weights;

import io.densepure.InputException;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A place in a checkpoint's tree of keys: {@code store.at("input_blocks").at(3).at(0)} is the
 * prefix {@code input_blocks.3.0.}, and layers ask it for their tensors by the names PyTorch gives
 * them.
 */
public final class WeightPath {
  private final WeightStore store;
  private final String prefix;

  /** The keys that layers have asked for, shared by all paths of one root. */
  private final Set<String> used;

  private WeightPath(WeightStore store, String prefix, Set<String> used) {
    this.store = store;
    this.prefix = prefix;
    this.used = used;
  }

  public static WeightPath root(WeightStore store) {
    return new WeightPath(store, "", new HashSet<>());
  }

  /** The path one component down. */
  public WeightPath at(String component) {
    return new WeightPath(store, prefix + component + ".", used);
  }

  public WeightPath at(int index) {
    return at(Integer.toString(index));
  }

  /** Whether there is a tensor of this name right here. */
  public boolean has(String name) {
    return store.keys().contains(prefix + name);
  }

  /**
   * The module path without the trailing dot, as PyTorch prints it: the name activations are probed
   * under.
   */
  public String path() {
    return prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1);
  }

  /**
   * The tensor {@code name} here, checked against the shape the network's configuration asks for.
   *
   * @throws InputException naming the file, the key and both shapes if it is absent, has another
   *     shape, or has no elements
   */
  public HostTensor tensor(String name, int... expected) {
    String key = prefix + name;
    Shape want = Shape.of(expected);
    if (!store.keys().contains(key)) {
      throw InputException.of(
          "%s: no tensor '%s' %s, which the configured network needs; check that the configuration fits this"
              + " checkpoint",
          store.source(), key, want);
    }
    HostTensor t = store.get(key, want);
    if (!t.shape().equals(want)) {
      throw InputException.of(
          "%s: '%s' has shape %s but the configured network needs %s; check that the configuration fits this"
              + " checkpoint",
          store.source(), key, t.shape(), want);
    }
    if (want.elements() == 0) {
      throw InputException.of(
          "%s: '%s' has shape %s: without elements there is no network", store.source(), key, want);
    }
    used.add(key);
    return t;
  }

  /**
   * To be called when the network is built: a checkpoint with tensors that no layer asked for
   * belongs to another network.
   *
   * @param ignorable keys that carry nothing the network needs
   * @throws InputException naming the file and the first key of this checkpoint that was not used
   */
  public void requireAllUsed(Predicate<String> ignorable) {
    for (String key : store.keys()) {
      if (!used.contains(key) && !ignorable.test(key)) {
        throw InputException.of(
            "%s: tensor %s %s has no place in the configured network; check that the configuration fits this"
                + " checkpoint",
            store.source(), InputException.quote(key), store.get(key).shape());
      }
    }
  }
}
