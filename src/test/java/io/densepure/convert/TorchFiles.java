package io.densepure.convert;

import io.densepure.convert.pickle.PickleBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes checkpoints for tests as {@code torch.save} lays them out. */
final class TorchFiles {
  private TorchFiles() {}

  /** An archive with that pickle and storages 0, 1, … */
  static Path zip(Path file, byte[] pickle, byte[]... storages) throws IOException {
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      put(out, "t/data.pkl", pickle);
      put(out, "t/version", new byte[] {'3', '\n'});
      for (int i = 0; i < storages.length; i++) {
        put(out, "t/data/" + i, storages[i]);
      }
    }
    return file;
  }

  static void put(ZipOutputStream out, String name, byte[] contents) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    CRC32 crc = new CRC32();
    crc.update(contents);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(contents.length);
    entry.setCrc(crc.getValue());
    out.putNextEntry(entry);
    out.write(contents);
  }

  /** Pushes {@code ('storage', torch.<type>, '<key>', 'cpu', elements)} as a persistent id. */
  static PickleBytes storage(PickleBytes p, String type, String key, int elements) {
    p.raw('(').string("storage").global("torch", type).string(key).string("cpu");
    return p.integer(elements).raw('t', 'Q');
  }

  /** Pushes a tensor that is all of storage {@code key}. */
  static PickleBytes tensor(PickleBytes p, String type, String key, int elements) {
    return tensor(p, type, key, elements, 0, new int[] {elements}, new int[] {1});
  }

  /** Pushes a view of storage {@code key}. */
  static PickleBytes tensor(
      PickleBytes p, String type, String key, int elements, int offset, int[] size, int[] stride) {
    p.global("torch._utils", "_rebuild_tensor_v2").raw('(');
    storage(p, type, key, elements).integer(offset);
    tuple(p, size);
    tuple(p, stride);
    return p.raw(0x89, 'N', 't', 'R');
  }

  static PickleBytes tuple(PickleBytes p, int... values) {
    p.raw('(');
    for (int v : values) {
      p.integer(v);
    }
    return p.raw('t');
  }
}
