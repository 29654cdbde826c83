package io.densepure.parity;

import io.densepure.compute.HostTensor;
import io.densepure.data.Npz;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The {@code .npz} of a case, which remembers what was asked for. */
final class GoldenArrays implements AutoCloseable {
  private final GoldenCase owner;
  private final Npz npz;
  private final Set<String> unread = new TreeSet<>();

  /** Opens the case's arrays, if it has any. */
  GoldenArrays(GoldenCase owner) {
    this.owner = owner;
    this.npz = owner.has("arrays") ? Npz.open(owner.file("arrays")) : null;
    unread.addAll(owner.tensors());
    if (npz != null) {
      unread.addAll(npz.names());
    }
  }

  boolean has(String name) {
    return npz != null && npz.has(name);
  }

  /**
   * The array of that name.
   *
   * @throws io.densepure.InputException if there is none
   */
  HostTensor get(String name) {
    unread.remove(name);
    return npz == null ? Npz.open(owner.file("arrays")).get(name) : npz.get(name);
  }

  float[] floats(String name) {
    return get(name).toFloats();
  }

  /** Names that start with {@code prefix}, announced or present. */
  List<String> names(String prefix) {
    Set<String> all = new LinkedHashSet<>(owner.tensors());
    if (npz != null) {
      all.addAll(npz.names());
    }
    return all.stream().filter(n -> n.startsWith(prefix)).toList();
  }

  /** What the case records that nobody has looked at. */
  Set<String> unread() {
    return unread;
  }

  @Override
  public void close() {
    if (npz != null) {
      npz.close();
    }
  }
}
