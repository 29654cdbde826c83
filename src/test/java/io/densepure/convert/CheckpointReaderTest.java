package io.densepure.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.data.Npz;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that {@code torch.save} wrote, against the arrays they were made from. */
class CheckpointReaderTest {
  private static final Path REFERENCE = Path.of("src/test/reference");
  private static final Path CHECKPOINTS = REFERENCE.resolve("checkpoints");

  /** One file of the golden case, and what is in it. */
  record Good(String file, List<String> keys, JsonNode dtypes) {
    @Override
    public String toString() {
      return file;
    }
  }

  static List<Good> goodFiles() throws IOException {
    List<Good> files = new ArrayList<>();
    for (JsonNode c :
        new ObjectMapper().readTree(REFERENCE.resolve("index.json").toFile()).get("cases")) {
      if (c.get("id").asText().equals("good_checkpoints")) {
        for (JsonNode f : c.get("config").get("checkpoints")) {
          List<String> keys = new ArrayList<>();
          f.get("keys").forEach(k -> keys.add(k.asText()));
          files.add(new Good(f.get("file").asText(), keys, f.path("dtypes")));
        }
      }
    }
    assertEquals(25, files.size());
    return files;
  }

  @ParameterizedTest
  @MethodSource("goodFiles")
  void everyTensorIsTheSameBitForBit(Good good) {
    CheckpointWeights weights = CheckpointReader.open(CHECKPOINTS.resolve(good.file)).all();
    try (Npz expected = Npz.open(CHECKPOINTS.resolve("expected.npz"))) {
      for (String key : good.keys) {
        HostTensor actual = weights.get(key);
        HostTensor wanted = expected.get(good.file + "::" + key);
        assertEquals(wanted.shape(), actual.shape(), key);
        if (good.dtypes.has(key)) { // two files have no list
          assertEquals("torch." + torchName(actual.dtype()), good.dtypes.get(key).asText(), key);
        }
        if (actual.dtype() == DType.F16 || actual.dtype() == DType.BF16) {
          actual = HostTensor.of(key, actual.shape(), actual.toFloats());
        }
        assertEquals(wanted.data(), actual.data(), key);
      }
    }
  }

  private static String torchName(DType dtype) {
    return switch (dtype) {
      case F64 -> "float64";
      case F32 -> "float32";
      case F16 -> "float16";
      case BF16 -> "bfloat16";
      case I64 -> "int64";
      case I32 -> "int32";
      case I16 -> "int16";
      case I8 -> "int8";
      case U8 -> "uint8";
      case BOOL -> "bool";
    };
  }
}
