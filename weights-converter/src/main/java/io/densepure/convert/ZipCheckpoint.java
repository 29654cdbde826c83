package io.densepure.convert;

import io.densepure.InputException;
import io.densepure.convert.pickle.PickleInput;
import io.densepure.convert.pickle.Unpickler;
import io.densepure.weights.MappedFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What {@code torch.save} writes since PyTorch 1.6: an uncompressed zip archive with one folder,
 * which holds {@code data.pkl} (the object, without its tensors' elements), {@code data/<key>} (the
 * elements of one storage) and {@code version}.
 */
final class ZipCheckpoint implements Storages {
  private final MappedFile file;
  private final ZipDirectory zip;
  private final String folder;
  private final Map<String, ByteBuffer> verified = new ConcurrentHashMap<>();

  private ZipCheckpoint(MappedFile file, ZipDirectory zip) {
    this.file = file;
    this.zip = zip;
    String first = zip.entries().keySet().stream().findFirst().orElse("");
    this.folder = first.substring(0, first.indexOf('/') + 1);
  }

  static Checkpoint open(MappedFile file) {
    ZipCheckpoint archive = new ZipCheckpoint(file, ZipDirectory.read(file));
    archive.checkLayout();
    StorageTable table = new StorageTable();
    ByteBuffer pickle = archive.contents("data.pkl", Unpickler.MAX_BYTES);
    PickleInput in = new PickleInput(file.path() + "[data.pkl]", pickle);
    Object root = new Unpickler(in, TorchGlobals.create(), table::resolve).load();
    table.storages().forEach(archive::check);
    return new Checkpoint(file, Checkpoint.Format.ZIP, root, archive);
  }

  private void checkLayout() {
    for (String name : zip.entries().keySet()) {
      if (folder.isEmpty() || !name.startsWith(folder)) {
        throw InputException.of(
            "%s: entry %s is not in the archive's one folder; not written by PyTorch",
            file.path(), InputException.quote(name));
      }
    }
    if (zip.entries().containsKey(folder + "constants.pkl")) {
      throw InputException.of(
          "%s: a TorchScript program; save the state_dict of the model instead", file.path());
    }
    contents("version", 16);
    if (zip.entries().containsKey(folder + "byteorder")) {
      String order = StandardCharsets.US_ASCII.decode(contents("byteorder", 16)).toString();
      if (!order.equals("little")) {
        throw InputException.of(
            "%s: written on a big-endian machine; that is not supported", file.path());
      }
    }
  }

  private ByteBuffer contents(String name, int limit) {
    ZipDirectory.Entry entry = zip.entries().get(folder + name);
    if (entry == null) {
      throw InputException.of(
          "%s: a zip archive without '%s'; not a complete PyTorch checkpoint", file.path(), name);
    }
    if (entry.size() > limit) {
      throw InputException.of(
          "%s: '%s' takes %d bytes; at most %d are supported",
          file.path(), name, entry.size(), limit);
    }
    return zip.contents(entry);
  }

  /** A surplus is refused as well: PyTorch writes exactly what its pickle announces. */
  @Override
  public void check(StorageRef storage) {
    ZipDirectory.Entry entry = entryOf(storage);
    if (entry == null) {
      throw InputException.of(
          "%s: the elements of storage %s are missing from the archive",
          file.path(), InputException.quote(storage.key()));
    }
    if (entry.size() != storage.runBytes()) {
      throw InputException.of(
          "%s: storage %s should have %d bytes but has %d; the file is damaged",
          file.path(), InputException.quote(storage.key()), storage.runBytes(), entry.size());
    }
  }

  @Override
  public ByteBuffer bytes(StorageRef storage) {
    return verified
        .computeIfAbsent(storage.key(), key -> zip.contents(entryOf(storage)))
        .duplicate();
  }

  private ZipDirectory.Entry entryOf(StorageRef storage) {
    return zip.entries().get(folder + "data/" + storage.key());
  }
}
