package io.densepure.fuzz;

import io.densepure.compute.HostTensor;
import io.densepure.convert.Architecture;
import io.densepure.convert.CheckpointReader;
import io.densepure.convert.KeyPrefix;
import io.densepure.convert.WeightFile;
import io.densepure.convert.pickle.GlobalRef;
import io.densepure.convert.pickle.PickledArray;
import io.densepure.convert.pickle.PickledObject;
import io.densepure.convert.pickle.Unpickler;
import io.densepure.weights.Safetensors;
import io.densepure.weights.SafetensorsWriter;
import io.densepure.weights.WeightStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Weights: pickles, PyTorch's two formats, safetensors, indices of several files. */
final class CheckpointTargets {
  /** Views may expand a file; what a test reads of it must stay small. */
  private static final long MAX_LOADED = 1 << 22;

  private static final int MAX_VISITED = 10_000;

  /** What an unpickler may make: data, and nothing that a class name in the file brought about. */
  private static final List<Class<?>> DATA =
      List.of(
          Boolean.class,
          Long.class,
          BigInteger.class,
          Double.class,
          String.class,
          byte[].class,
          GlobalRef.class,
          PickledArray.class,
          PickledObject.class);

  private CheckpointTargets() {}

  /** A pickle of Python and NumPy data. */
  static void pickle(byte[] input, Path folder) throws IOException {
    Object root = Unpickler.read(Files.write(folder.resolve("data.pkl"), input));
    Deque<Object> open = new ArrayDeque<>();
    open.add(root == null ? List.of() : root);
    for (int visited = 0; !open.isEmpty() && visited < MAX_VISITED; visited++) {
      Object value = open.poll();
      Collection<?> children =
          value instanceof Map<?, ?> map
              ? map.values()
              : value instanceof List<?> list ? list : List.of();
      boolean plain = value instanceof Map || value instanceof List || isData(value);
      Oracle.require(plain, "a pickle made a " + value.getClass());
      if (value instanceof PickledArray array) {
        array.bytes();
      }
      children.stream().filter(c -> c != null).limit(MAX_VISITED).forEach(open::add);
    }
  }

  private static boolean isData(Object value) {
    return DATA.stream().anyMatch(type -> type.isInstance(value))
        || value.getClass().getName().startsWith("io.densepure.convert.pickle.NumpyDtype");
  }

  /** A checkpoint as it is: a zip archive, a legacy file, or neither. */
  static void checkpoint(byte[] input, Path folder) throws IOException {
    Path file = Files.write(folder.resolve("model.pt"), input);
    CheckpointReader.open(file).scalars();
    use(WeightFile.open(file, null), folder);
  }

  /** The pickle in a zip archive whose checksums are right and that has the usual storages. */
  static void checkpointPickle(byte[] input, Path folder) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setMethod(ZipOutputStream.STORED);
      put(zip, "archive/data.pkl", input);
      put(zip, "archive/version", "3\n".getBytes(StandardCharsets.US_ASCII));
      for (int key = 0; key < 8; key++) {
        put(zip, "archive/data/" + key, new byte[4 << key]);
      }
    }
    Path file = Files.write(folder.resolve("model.pt"), bytes.toByteArray());
    use(WeightFile.open(file, null), folder);
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
  }

  /** A safetensors file as it is. */
  static void safetensors(byte[] input, Path folder) throws IOException {
    Path file = Files.write(folder.resolve("model.safetensors"), input);
    use(WeightFile.open(file, null), folder);
  }

  /** A JSON header, after a byte that says how many floats follow it. */
  static void safetensorsHeader(byte[] input, Path folder) throws IOException {
    int data = input.length == 0 ? 0 : 4 * (input[0] & 0xff);
    byte[] json = Arrays.copyOfRange(input, Math.min(1, input.length), input.length);
    ByteBuffer file =
        ByteBuffer.allocate(Long.BYTES + json.length + data).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length).put(json);
    safetensors(file.array(), folder);
  }

  /** Hugging Face's index of several files; two are beside it. */
  static void shardIndex(byte[] input, Path folder) throws IOException {
    byte[] header =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}"
            .getBytes(StandardCharsets.US_ASCII);
    ByteBuffer shard =
        ByteBuffer.allocate(Long.BYTES + header.length + 4).order(ByteOrder.LITTLE_ENDIAN);
    shard.putLong(header.length).put(header);
    Files.write(folder.resolve("one.safetensors"), shard.array());
    Path index = Files.write(folder.resolve("model.safetensors.index.json"), input);
    use(WeightFile.open(index, null), folder);
  }

  /** Recognises, reads and writes the tensors; what is written must read the same. */
  private static void use(WeightFile file, Path folder) {
    Architecture.of(file.shapes());
    WeightFile stripped = file.with(KeyPrefix.STRIP);
    long total = 0;
    for (WeightFile.Entry e : stripped.entries()) {
      total += e.bytes();
    }
    if (total > MAX_LOADED) {
      return;
    }
    WeightStore weights = stripped.store();
    Path copy = folder.resolve("copy.safetensors");
    SafetensorsWriter.write(copy, weights);
    WeightStore again = Safetensors.open(copy);
    Oracle.require(again.keys().equals(weights.keys()), "other keys after writing");
    for (String key : weights.keys()) {
      HostTensor before = weights.get(key);
      HostTensor after = again.get(key);
      Oracle.require(
          before.dtype() == after.dtype()
              && before.shape().equals(after.shape())
              && before.data().equals(after.data()),
          "another tensor after writing: " + key);
    }
  }
}
