package io.densepure.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.densepure.compute.OpCase.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/ops.md} says what {@link OpCases} says. To write it anew: {@code mvn -q test
 * -Dtest=OpsDocumentTest -Dops.write=true}.
 */
class OpsDocumentTest {
  private static final Path DOCUMENT = Path.of("docs", "ops.md");

  private static final String HEAD =
      """
      # Operations

      <!-- Written by OpsDocumentTest: mvn -q test -Dtest=OpsDocumentTest -Dops.write=true -->

      Networks and the sampler are made of the operations below; `Ops.java` says what each computes.
      Every device has all of them, with activations stored as

      | device | fp32 | bf16 | fp16 |
      |---|---|---|---|
      | `cpu` (oneDNN) | yes | where the processor has AVX-512 or better | no |
      | `cuda` | yes | from compute capability 8.0 | yes |
      | reference (plain Java, in the tests) | yes | yes | yes |

      and each case below is run by every device against the reference (`DeviceContractTest`), in every
      dtype the device has, twice: with results in persistent tensors, and between intermediate results
      that share memory. The tolerance is for the difference to the reference, which sums in float64:
      in fp32 a multiple of u = 2⁻²⁴ of the largest value of the result; in 16 bits, in addition,
      multiples of the distance between neighbouring 16-bit numbers (ulp) at the value itself and at the
      largest. NVIDIA's libraries take a 16-bit bias or write a 16-bit product, hence the allowance for
      `cuda`.
      """;

  @Test
  void theDocumentIsCurrent() throws IOException {
    String current = document();
    if (Boolean.getBoolean("ops.write")) {
      Files.createDirectories(DOCUMENT.getParent());
      Files.writeString(DOCUMENT, current);
    }
    String found = Files.exists(DOCUMENT) ? Files.readString(DOCUMENT) : "";
    assertEquals(
        current,
        found,
        "docs/ops.md is out of date: mvn -q test -Dtest=OpsDocumentTest -Dops.write=true");
  }

  private static String document() {
    Map<String, List<OpCase>> byOperation = new LinkedHashMap<>();
    for (OpCase c : OpCases.all()) {
      byOperation.computeIfAbsent(c.op(), op -> new ArrayList<>()).add(c);
    }
    StringBuilder text = new StringBuilder(HEAD);
    byOperation.forEach((op, cases) -> text.append(section(op, cases)));
    return text.toString();
  }

  private static String section(String op, List<OpCase> cases) {
    StringBuilder text = new StringBuilder();
    text.append("\n## ").append(op).append("\n\n");
    text.append("| case | result | FLOPs | bytes, fp32 | tolerance, fp32 | more in 16 bits |\n");
    text.append("|---|---|--:|--:|---|---|\n");
    for (OpCase c : cases) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %,d | %,d | %s | %s |%n",
              c.variant(),
              c.result(DType.F32).shape(),
              c.flops(),
              c.bytes(DType.F32),
              inSingle(c.precision()),
              inHalf(c)));
    }
    return text.toString();
  }

  private static String inSingle(Precision p) {
    return p.fp32() == 0 ? "same bits" : String.format(Locale.ROOT, "%.0f u", p.fp32());
  }

  private static String inHalf(OpCase c) {
    Precision p = c.precision();
    if (c.dtypes().size() == 1) {
      return "fp32 only";
    } else if (p.halfUlps() == 0) {
      return "same bits";
    }
    String spread =
        p.halfSpread() == 0
            ? ""
            : String.format(Locale.ROOT, " + %.1f of the largest", p.halfSpread());
    String addend =
        p.halfAddend() == 0
            ? ""
            : String.format(Locale.ROOT, " (`cuda` + %.1f of the largest)", p.halfAddend());
    return String.format(Locale.ROOT, "%.0f ulp%s%s", p.halfUlps(), spread, addend);
  }
}
