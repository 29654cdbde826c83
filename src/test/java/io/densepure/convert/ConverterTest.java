package io.densepure.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.HalfFloats;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.weights.MapWeightStore;
import io.densepure.weights.Safetensors;
import io.densepure.weights.SafetensorsWriter;
import io.densepure.weights.WeightStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ConverterTest {
  private static final Path REFERENCE = Path.of("src/test/reference");
  private static final Path CHECKPOINTS = REFERENCE.resolve("checkpoints");

  @TempDir Path dir;
  private Path target;

  @BeforeEach
  void nameTarget() {
    target = dir.resolve("out.safetensors");
  }

  static List<Path> goodFiles() throws IOException {
    try (Stream<Path> files = Files.list(CHECKPOINTS)) {
      return files.filter(f -> f.toString().endsWith(".pt")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("goodFiles")
  void everyTensorAndKeyIsKept(Path source) {
    Converter.Result result = Converter.convert(source, target, ConvertOptions.DEFAULTS);
    WeightStore expected = KeyPrefix.STRIP.rename(CheckpointReader.open(source).stateDict());
    WeightStore actual = Safetensors.open(target);

    assertEquals(List.copyOf(expected.keys()), List.copyOf(actual.keys()));
    for (String key : expected.keys()) {
      assertEquals(expected.get(key).dtype(), actual.get(key).dtype(), key);
      assertEquals(expected.get(key).shape(), actual.get(key).shape(), key);
      assertEquals(expected.get(key).data(), actual.get(key).data(), key);
    }
    assertEquals(actual.keys().size(), result.tensors());
    assertEquals(CheckpointReader.open(source).stateDictPath(), result.keyPath());
  }

  /** The digest is that of sha256sum. */
  @Test
  void metadataSaysWhereItComesFrom() {
    ConvertOptions options =
        new ConvertOptions(null, KeyPrefix.KEEP, null, "{\"depth\":10}", "densepure 9", false);
    Converter.convert(REFERENCE.resolve("classifiers/wrn_10_2_t7.pt"), target, options);
    assertEquals(
        Map.of(
            "arch", "wide_resnet",
            "config", "{\"depth\":10}",
            "source", "wrn_10_2_t7.pt",
            "source_sha256", "549de163a9b3ad7513c0aeb8e8048c8983f628d8ae8ec80c0b3fefd828da475c",
            "converter", "densepure 9"),
        Safetensors.open(target).metadata());
  }

  @ParameterizedTest
  @EnumSource(names = {"F64", "F32", "F16", "BF16"})
  void realNumbersAreRoundedAndOthersKept(DType dtype) {
    Path source = CHECKPOINTS.resolve("dtypes.pt");
    Converter.convert(source, target, to(dtype));
    CheckpointWeights before = CheckpointReader.open(source).stateDict();
    WeightStore after = Safetensors.open(target);
    for (String key : before.keys()) {
      HostTensor from = before.get(key);
      HostTensor result = after.get(key);
      assertEquals(from.dtype().isFloat() ? dtype : from.dtype(), result.dtype(), key);
      float[] values = from.toFloats();
      for (int i = 0; i < values.length; i++) {
        assertEquals(rounded(values[i], result.dtype()), result.toFloats()[i], key + " " + i);
      }
    }
  }

  private static float rounded(float value, DType dtype) {
    return switch (dtype) {
      case F16 -> HalfFloats.fp16ToFloat(HalfFloats.floatToFp16(value));
      case BF16 -> HalfFloats.bf16ToFloat(HalfFloats.floatToBf16(value));
      default -> value;
    };
  }

  /** Special values survive a widening bit for bit and a narrowing back. */
  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void wideningAndNarrowingGivesTheSameBits(DType dtype) {
    String file = dtype == DType.F16 ? "fp16_special.pt" : "bf16_special.pt";
    Converter.convert(CHECKPOINTS.resolve(file), target, to(DType.F32));
    Path back = dir.resolve("back.safetensors");
    Converter.convert(target, back, to(dtype));
    assertEquals(
        CheckpointReader.open(CHECKPOINTS.resolve(file)).stateDict().get("w").data(),
        Safetensors.open(back).get("w").data());
  }

  @Test
  void overflowIsCounted() {
    Path source = dir.resolve("large.safetensors");
    float[] values = {65504, 65519, 65520, -1e6f, Float.POSITIVE_INFINITY, Float.NaN, 1e-9f};
    SafetensorsWriter.write(
        source, MapWeightStore.of("m", List.of(HostTensor.of("w", Shape.of(7), values))));
    assertEquals(2, Converter.convert(source, target, to(DType.F16)).overflows());
    Path other = dir.resolve("bf16.safetensors");
    assertEquals(0, Converter.convert(source, other, to(DType.BF16)).overflows());
  }

  @ParameterizedTest
  @EnumSource(KeyPrefix.class)
  void prefixesOfDataParallelAreKeptOrLeftOut(KeyPrefix prefix) {
    ConvertOptions options = new ConvertOptions(null, prefix, null, null, "densepure", true);
    boolean keep = prefix == KeyPrefix.KEEP;
    Converter.convert(CHECKPOINTS.resolve("module_prefix.pt"), target, options);
    assertEquals(keep ? "module.conv.weight" : "conv.weight", firstKey());
    Converter.convert(CHECKPOINTS.resolve("seq_module_prefix.pt"), target, options);
    assertEquals(keep ? "1.module.conv.weight" : "1.conv.weight", firstKey());
    Converter.convert(CHECKPOINTS.resolve("zip.pt"), target, options);
    assertEquals("conv.weight", firstKey());
  }

  /** A renamed store gives out the objects of the one behind it. */
  @Test
  void storesAreRenamedInPlace() {
    CheckpointWeights original =
        CheckpointReader.open(CHECKPOINTS.resolve("module_prefix.pt")).stateDict();
    WeightStore renamed = KeyPrefix.STRIP.rename(original);
    assertEquals("conv.weight", renamed.keys().iterator().next());
    assertSame(original.get("module.conv.weight"), renamed.get("conv.weight"));
    InputException e = assertThrows(InputException.class, () -> renamed.get("module.conv.weight"));
    assertTrue(e.getMessage().endsWith("no tensor 'module.conv.weight'"), e.getMessage());
    assertSame(original, KeyPrefix.KEEP.rename(original));
  }

  private String firstKey() {
    return Safetensors.open(target).keys().iterator().next();
  }

  @Test
  void keysThatWouldCollideAreRefused() {
    Path source = dir.resolve("both.safetensors");
    SafetensorsWriter.write(
        source,
        MapWeightStore.of(
            "m",
            List.of(HostTensor.of("w", Shape.of(), 1), HostTensor.of("module.w", Shape.of(), 2))));
    ConvertOptions strip =
        new ConvertOptions(null, KeyPrefix.STRIP, null, null, "densepure", false);
    InputException e =
        assertThrows(InputException.class, () -> Converter.convert(source, target, strip));
    assertTrue(e.getMessage().contains("the key 'w'"), e.getMessage());
    assertFalse(Files.exists(target));
  }

  @Test
  void onePartCanBeChosen() {
    ConvertOptions options =
        new ConvertOptions(null, KeyPrefix.KEEP, "state_dict.bn", null, "densepure", false);
    assertThrows(
        InputException.class,
        () -> Converter.convert(CHECKPOINTS.resolve("zip.pt"), target, options));
    ConvertOptions net = new ConvertOptions(null, KeyPrefix.KEEP, "net", null, "densepure", false);
    Converter.Result result =
        Converter.convert(CHECKPOINTS.resolve("whole_module.pt"), target, net);
    assertEquals("net", result.keyPath());
    assertEquals("conv.weight", firstKey());
  }

  @Test
  void nothingIsOverwrittenUnasked() throws IOException {
    Files.writeString(target, "mine");
    Path source = CHECKPOINTS.resolve("zip.pt");
    InputException e =
        assertThrows(
            InputException.class, () -> Converter.convert(source, target, ConvertOptions.DEFAULTS));
    assertEquals(target + ": exists; --force replaces it", e.getMessage());
    assertEquals("mine", Files.readString(target));

    ConvertOptions force = new ConvertOptions(null, KeyPrefix.KEEP, null, null, "d", true);
    Converter.convert(source, target, force);
    assertEquals(9, Safetensors.open(target).keys().size());
  }

  @Test
  void theSourceIsNeverTheTarget() {
    Converter.convert(CHECKPOINTS.resolve("zip.pt"), target, ConvertOptions.DEFAULTS);
    ConvertOptions force = new ConvertOptions(DType.F16, KeyPrefix.KEEP, null, null, "d", true);
    for (ConvertOptions options : List.of(force, ConvertOptions.DEFAULTS)) {
      InputException e =
          assertThrows(InputException.class, () -> Converter.convert(target, target, options));
      assertTrue(e.getMessage().contains("the source itself"), e.getMessage());
    }
    assertThrows(
        InputException.class, () -> Converter.convert(CHECKPOINTS.resolve("zip.pt"), dir, force));
    assertEquals(DType.F32, Safetensors.open(target).get("conv.weight").dtype());
  }

  @Test
  void aDamagedSourceLeavesNoTarget() throws IOException {
    assertThrows(
        InputException.class,
        () ->
            Converter.convert(
                CHECKPOINTS.resolve("bad/wrong_crc_storage.pt"), target, ConvertOptions.DEFAULTS));
    try (Stream<Path> files = Files.list(dir)) {
      assertEquals(List.of(), files.toList());
    }
  }

  /** The comparison after writing, with a target that was changed in between. */
  @Test
  void aTargetThatDiffersIsFound() throws IOException {
    Path source = CHECKPOINTS.resolve("zip.pt");
    Converter.convert(source, target, ConvertOptions.DEFAULTS);
    Converter converter =
        new Converter(WeightFile.open(source, null), target, ConvertOptions.DEFAULTS);
    converter.verify();

    byte[] bytes = Files.readAllBytes(target);
    bytes[bytes.length - 1] ^= 1;
    Files.write(target, bytes);
    InputException e = assertThrows(InputException.class, converter::verify);
    assertTrue(e.getMessage().contains("'fc.bias' is not what was written"), e.getMessage());
  }

  private static ConvertOptions to(DType dtype) {
    return new ConvertOptions(dtype, KeyPrefix.KEEP, null, null, "densepure", false);
  }
}
