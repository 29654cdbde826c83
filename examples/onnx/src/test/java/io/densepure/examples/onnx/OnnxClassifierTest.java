package io.densepure.examples.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.certify.ResultRow;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxClassifierTest {
  /** The table that {@code ./densepure certify} writes with the same network and settings. */
  private static List<ResultRow> certifyCommand(Path dir) throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Path table = dir.resolve("table");
    String flags =
        "certify --ids 0,20 --sigma 0.25 --n0 10 --n 60 --steps 3 --votes 3 --alpha 0.01"
            + " --backend cpu --out "
            + table;
    String command =
        "exec '%s' -cp '%s' io.densepure.cli.DensePure %s"
            .formatted(java, System.getProperty("java.class.path"), flags);
    Process process = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return ResultRow.read(dir.resolve("table_diffpure"));
  }

  private static List<ResultRow> certifyOnnx(Path dir, Path model) throws Exception {
    PrintStream stdout = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      CertifyOnnx.main(new String[] {model.toString(), "fashion-mnist", "0", "20"});
    } finally {
      System.setOut(stdout);
    }
    return ResultRow.read(Files.write(dir.resolve("onnx"), printed.toByteArray()));
  }

  @Test
  void anOnnxModelIsCertifiedAsTheSameNetworkIs(@TempDir Path dir) throws Exception {
    Path model = BundledClassifier.write(dir.resolve("classifier.onnx"));
    List<ResultRow> ours = certifyCommand(dir);
    List<ResultRow> onnx = certifyOnnx(dir, model);
    assertEquals(2, onnx.size());
    for (int i = 0; i < onnx.size(); i++) {
      // Two libraries round differently, which could change a copy's label, but hardly ever does.
      assertEquals(ours.get(i).idx(), onnx.get(i).idx());
      assertEquals(ours.get(i).predict(), onnx.get(i).predict());
      assertEquals(ours.get(i).radius(), onnx.get(i).radius(), 0.06);
    }
    assertTrue(onnx.stream().anyMatch(row -> row.radius() > 0.2), onnx.toString());
  }

  @Test
  void aFileThatIsNoModelIsNamed(@TempDir Path dir) throws Exception {
    Path file = Files.writeString(dir.resolve("no.onnx"), "not a model");
    InputException e = assertThrows(InputException.class, () -> OnnxClassifier.open(file));
    assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
  }
}
