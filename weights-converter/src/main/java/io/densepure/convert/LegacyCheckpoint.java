package io.densepure.convert;

import io.densepure.InputException;
import io.densepure.convert.pickle.Globals;
import io.densepure.convert.pickle.PickleInput;
import io.densepure.convert.pickle.Unpickler;
import io.densepure.weights.MappedFile;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What {@code torch.save} wrote before PyTorch 1.6: pickles of a magic number, a version, facts
 * about the machine, the object and the list of its storages' keys; then for each of these its
 * length in elements (int64) and the elements.
 */
final class LegacyCheckpoint implements Storages {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long VERSION = 1001;

  private final MappedFile file;
  private final PickleInput in;
  private final StorageTable table = new StorageTable();
  private final Map<String, Long> offsets = new HashMap<>();

  private LegacyCheckpoint(MappedFile file) {
    this.file = file;
    this.in =
        new PickleInput(
            file.path().toString(), file.slice(0, Math.min(file.size(), Unpickler.MAX_BYTES)));
  }

  /** The file is known to start with a pickle. */
  static Checkpoint open(MappedFile file) {
    LegacyCheckpoint archive = new LegacyCheckpoint(file);
    archive.checkHead();
    Object root = new Unpickler(archive.in, TorchGlobals.create(), archive.table::resolve).load();
    archive.locateStorages();
    return new Checkpoint(file, Checkpoint.Format.LEGACY, root, archive);
  }

  private void checkHead() {
    if (!MAGIC.equals(plain())) {
      throw InputException.of(
          "%s: a Python pickle, but not one of PyTorch's checkpoints", file.path());
    }
    if (!Long.valueOf(VERSION).equals(plain())) {
      throw InputException.of("%s: a checkpoint of an unknown version", file.path());
    }
    if (!(plain() instanceof Map<?, ?> machine
        && Boolean.TRUE.equals(machine.get("little_endian")))) {
      throw InputException.of(
          "%s: written on a big-endian machine; that is not supported", file.path());
    }
  }

  /** The next pickle, which holds Python's own data only. */
  private Object plain() {
    Function<Object, Object> none =
        id -> {
          throw new IllegalArgumentException("refers to data outside the pickle");
        };
    return new Unpickler(in, Globals.pythonAndNumpy(), none).load();
  }

  private void locateStorages() {
    if (!(plain() instanceof List<?> keys)) {
      throw damaged("the list of storages is missing");
    }
    long position = in.position();
    for (Object key : keys) {
      StorageRef storage = key instanceof String s ? table.get(s) : null;
      if (storage == null || offsets.containsKey(storage.key())) {
        throw damaged("the list of storages does not fit the tensors");
      }
      long elements = file.slice(position, Long.BYTES).getLong();
      position += Long.BYTES;
      if (elements != storage.runElements() || storage.runBytes() > file.size() - position) {
        throw damaged("storage %s is cut short", InputException.quote(storage.key()));
      }
      offsets.put(storage.key(), position);
      position += storage.runBytes();
    }
    table.storages().forEach(this::check);
    if (position != file.size()) {
      throw damaged("%d bytes follow its last storage", file.size() - position);
    }
  }

  private InputException damaged(String format, Object... args) {
    return InputException.of("%s: damaged: %s", file.path(), String.format(format, args));
  }

  @Override
  public void check(StorageRef storage) {
    if (!offsets.containsKey(storage.key())) {
      throw damaged("storage %s is missing", InputException.quote(storage.key()));
    }
  }

  @Override
  public ByteBuffer bytes(StorageRef storage) {
    return file.slice(offsets.get(storage.key()), storage.runBytes());
  }
}
