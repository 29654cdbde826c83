package io.densepure.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.convert.pickle.PickleBytes;
import io.densepure.weights.MapWeightStore;
import io.densepure.weights.Safetensors;
import io.densepure.weights.SafetensorsWriter;
import io.densepure.weights.WeightStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints in several files, as Hugging Face publishes them. */
class ShardsTest {
  private static final String FIRST = "part-00001-of-00002.";
  private static final String SECOND = "part-00002-of-00002.";

  @TempDir private Path folder;

  /** A shard with one-element tensors, of which the i-th holds {@code first + i}. */
  private void shard(String name, int first, String... keys) throws IOException {
    if (name.endsWith("safetensors")) {
      List<HostTensor> tensors = new ArrayList<>();
      for (int i = 0; i < keys.length; i++) {
        tensors.add(new HostTensor(keys[i], DType.F32, Shape.of(1), bytes(first + i)));
      }
      SafetensorsWriter.write(folder.resolve(name), MapWeightStore.of(name, tensors));
      return;
    }
    PickleBytes pickle = new PickleBytes().proto(2).raw('}');
    byte[][] storages = new byte[keys.length][];
    for (int i = 0; i < keys.length; i++) {
      storages[i] = bytes(first + i).array();
      TorchFiles.tensor(pickle.string(keys[i]), "FloatStorage", String.valueOf(i), 1).raw('s');
    }
    TorchFiles.zip(folder.resolve(name), pickle.stop(), storages);
  }

  private static ByteBuffer bytes(float value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, value);
  }

  private Path index(String name, String map) throws IOException {
    return Files.writeString(
        folder.resolve(name),
        "{\"metadata\": {\"total_size\": 12}, \"weight_map\": " + map.replace('\'', '"') + "}");
  }

  private Path twoShards(String name, String ending) throws IOException {
    shard(FIRST + ending, 1, "a", "b");
    shard(SECOND + ending, 3, "c");
    String map = "{'a': '%s', 'c': '%s', 'b': '%s'}";
    return index(name, map.formatted(FIRST + ending, SECOND + ending, FIRST + ending));
  }

  private static List<Float> values(WeightStore store) {
    return store.keys().stream().map(k -> store.get(k).data().getFloat(0)).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "model.safetensors.index.json, safetensors",
    "pytorch_model.bin.index.json, bin",
  })
  void areReadAsOne(String name, String ending) throws IOException {
    Path index = twoShards(name, ending);
    for (Path source : new Path[] {index, folder}) {
      WeightStore store = WeightFile.open(source, null).store();
      assertEquals(List.of("a", "c", "b"), List.copyOf(store.keys()));
      assertEquals(List.of(1f, 3f, 2f), values(store));
    }
    assertTrue(WeightFile.open(index, null).format().endsWith(", 2 files"));
  }

  @Test
  void safetensorsInAFolderComeFirst() throws IOException {
    shard("pytorch_model.bin", 1, "a");
    assertEquals(List.of(1f), values(WeightFile.open(folder, null).store()));
    shard("model.safetensors", 7, "a");
    assertEquals(List.of(7f), values(WeightFile.open(folder, null).store()));
  }

  @Test
  void becomeOneFile() throws IOException {
    Path index = twoShards("pytorch_model.bin.index.json", "bin");
    Path target = folder.resolve("one.safetensors");
    Converter.Result result = Converter.convert(index, target, ConvertOptions.DEFAULTS);
    assertEquals(3, result.tensors());
    WeightStore written = Safetensors.open(target);
    assertEquals(List.of(1f, 3f, 2f), values(written));
    String digest = written.metadata().get("source_sha256");
    shard(SECOND + "bin", 4, "c");
    Converter.convert(index, folder.resolve("other.safetensors"), ConvertOptions.DEFAULTS);
    WeightStore other = Safetensors.open(folder.resolve("other.safetensors"));
    assertFalse(digest.equals(other.metadata().get("source_sha256")), "it covers the shards");
  }

  @Test
  void mayNotBeOverwrittenByTheirConversion() throws IOException {
    Path index = twoShards("model.safetensors.index.json", "safetensors");
    Path shard = folder.resolve(SECOND + "safetensors");
    byte[] before = Files.readAllBytes(shard);
    ConvertOptions force = new ConvertOptions(null, KeyPrefix.KEEP, null, null, "test", true);
    assertThrows(InputException.class, () -> Converter.convert(index, shard, force));
    assertArrayEquals(before, Files.readAllBytes(shard));
  }

  private static void assertRefused(Path source, String... saying) {
    InputException e = assertThrows(InputException.class, () -> WeightFile.open(source, null));
    for (String words : saying) {
      assertTrue(e.getMessage().contains(words), e.getMessage());
    }
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
  }

  @Test
  void missingOneIsNamed() throws IOException {
    Path index = twoShards("pytorch_model.bin.index.json", "bin");
    Files.delete(folder.resolve(SECOND + "bin"));
    assertRefused(index, SECOND + "bin: is missing", "pytorch_model.bin.index.json");
  }

  @Test
  void onesThatDisagreeAreNamed() throws IOException {
    Path index = twoShards("pytorch_model.bin.index.json", "bin");
    shard(SECOND + "bin", 3, "d");
    assertRefused(index, SECOND + "bin: has no tensor 'c'", "different checkpoints");
    shard(SECOND + "bin", 3, "c", "d");
    assertRefused(index, SECOND + "bin: has tensor 'd'", "does not know");
    shard(SECOND + "bin", 3, "c", "a");
    assertRefused(index, SECOND + "bin: has tensor 'a'", "puts into " + FIRST + "bin");
    Files.writeString(folder.resolve(SECOND + "bin"), "no checkpoint");
    assertRefused(index, SECOND + "bin");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'a': '../outside.bin'}",
        "{'a': '/etc/passwd'}",
        "{'a': 'self.index.json'}",
        "{'a': 1}",
        "{'a': ''}",
        "{}",
        "[]",
        "'a'",
        "{"
      })
  void indexThatIsNoneIsNamed(String map) throws IOException {
    Path index = index("self.index.json", map);
    assertRefused(index, index.toString());
  }

  @Test
  void haveNoPartsToChooseFrom() throws IOException {
    Path index = twoShards("model.safetensors.index.json", "safetensors");
    InputException e =
        assertThrows(InputException.class, () -> WeightFile.open(index, "state_dict"));
    assertTrue(e.getMessage().contains("--key"), e.getMessage());
  }

  @Test
  void folderWithoutWeightsIsNamed() {
    assertRefused(folder, folder.toString(), "folder");
  }
}
