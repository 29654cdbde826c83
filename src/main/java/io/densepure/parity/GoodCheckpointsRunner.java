package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.convert.CheckpointReader;
import io.densepure.convert.CheckpointWeights;
import io.densepure.data.Npz;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** PyTorch checkpoints of every kind: every tensor must be read bit for bit. */
final class GoodCheckpointsRunner implements CaseRunner {
  /** Between file and key in the names of the expected arrays. */
  private static final String SEPARATOR = "::";

  @Override
  public boolean handles(GoldenCase c) {
    return c.config().has("checkpoints") && c.has("expected");
  }

  @Override
  public void run(Trial trial) {
    GoldenCase c = trial.golden();
    try (Npz expected = Npz.open(c.file("expected"))) {
      Set<String> left = new TreeSet<>(expected.names());
      for (JsonNode checkpoint : c.config().get("checkpoints")) {
        String file = checkpoint.path("file").asText();
        CheckpointWeights weights = CheckpointReader.open(c.file(file)).all();
        for (JsonNode key : checkpoint.path("keys")) {
          String name = file + SEPARATOR + key.asText();
          JsonNode dtype = checkpoint.path("dtypes").path(key.asText());
          HostTensor golden = expected.get(name);
          compare(name, golden, weights.get(key.asText()), dtype, trial.comparison());
          left.remove(name);
        }
      }
      trial.comparison().check("every array", left.isEmpty(), "no checkpoint has " + left);
    }
  }

  private static void compare(
      String name, HostTensor golden, HostTensor actual, JsonNode dtype, Comparison comparison) {
    if (dtype.isTextual()) {
      comparison.exact(name + " dtype", dtype.asText(), torchName(actual.dtype()));
    }
    comparison.exact(name + " shape", golden.shape(), actual.shape());
    // Arrays of 16-bit floats are recorded as the float32 of the same value.
    HostTensor widened =
        actual.dtype() == DType.F16 || actual.dtype() == DType.BF16
            ? HostTensor.of(name, actual.shape(), actual.toFloats())
            : actual;
    boolean same = golden.data().equals(widened.data());
    comparison.check(name, same, "is not the same bit for bit");
  }

  private static String torchName(DType dtype) {
    return "torch."
        + switch (dtype) {
          case F64, F32, F16 -> dtype.name().replace("F", "float");
          case BF16 -> "bfloat16";
          case U8 -> "uint8";
          case BOOL -> "bool";
          default -> dtype.name().replace("I", "int").toLowerCase(Locale.ROOT);
        };
  }
}
