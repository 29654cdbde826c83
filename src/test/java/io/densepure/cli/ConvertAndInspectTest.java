package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.weights.Safetensors;
import io.densepure.weights.WeightStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands {@code convert} and {@code inspect}. */
class ConvertAndInspectTest {
  private static final Path REFERENCE = Path.of("src/test/reference");

  @TempDir Path dir;

  @Test
  void convertsAndSaysWhat() throws IOException {
    Path source = Files.copy(REFERENCE.resolve("classifiers/wrn_10_2_t7.pt"), dir.resolve("w.t7"));
    Path config = Files.writeString(dir.resolve("c.json"), "{ \"depth\": 10 }");
    String output =
        run(new ConvertCommand(), source, "--dtype", "fp16", "--key", "net", "--config", config);

    Path target = dir.resolve("w.safetensors");
    assertTrue(output.startsWith(target + ": 57 tensors, 610.7 kB, verified"), output);
    assertTrue(output.contains("Looks like wide_resnet: depth 10, widen factor 2"), output);
    WeightStore written = Safetensors.open(target);
    assertEquals(DType.F16, written.get("linear.weight").dtype());
    assertEquals("{\"depth\":10}", written.metadata().get("config"));
    assertEquals("densepure", written.metadata().get("converter"));

    assertThrows(InputException.class, () -> run(new ConvertCommand(), source));
    run(new ConvertCommand(), source, "--force");
    assertEquals(DType.F32, Safetensors.open(target).get("linear.weight").dtype());
  }

  @Test
  void aConfigThatIsNoJsonObjectIsNamed() throws IOException {
    Path source = REFERENCE.resolve("checkpoints/zip.pt");
    Path target = dir.resolve("out.safetensors");
    for (String text : new String[] {"[1]", "{", "3"}) {
      Path config = Files.writeString(dir.resolve("c.json"), text);
      InputException e =
          assertThrows(
              InputException.class,
              () -> run(new ConvertCommand(), source, target, "--config", config));
      assertTrue(e.getMessage().startsWith(config + ": "), e.getMessage());
      assertFalse(e.getMessage().contains("\n"), e.getMessage());
    }
    assertFalse(Files.exists(target));
  }

  @Test
  void inspectShowsTheFirstTensorsOrAll() throws IOException {
    Path file = REFERENCE.resolve("classifiers/wrn_10_2_t7.pt");
    String first = run(new InspectCommand(), file);
    assertTrue(
        first.contains("57 tensors at 'net' (50 F32, 7 I64), 304,394 parameters, 1.2 MB"), first);
    assertTrue(first.contains("  epoch = 7\n"), first);
    assertTrue(first.contains("  ... and 37 more; --all lists them\n"), first);
    assertFalse(first.contains("linear.weight"), first);
    String all = run(new InspectCommand(), file, "--all");
    assertTrue(all.contains("linear.weight"), all);
    assertEquals(57 - 20 - 1, all.lines().count() - first.lines().count());
  }

  @Test
  void inspectPrintsJson() throws IOException {
    String output = run(new InspectCommand(), REFERENCE.resolve("checkpoints/nested.pt"), "--json");
    JsonNode json = new ObjectMapper().readTree(output);
    assertEquals("PyTorch, zip", json.get("format").asText());
    assertEquals("state_dict", json.get("key").asText());
    assertEquals(174, json.get("parameters").asInt());
    assertEquals(744, json.get("bytes").asInt());
    assertEquals(1, json.get("dtypes").get("I64").asInt());
    assertEquals("cifar_resnet110", json.get("metadata").get("arch").asText());
    assertEquals(9, json.get("tensors").size());
    JsonNode scalar = json.get("tensors").get(6);
    assertEquals("bn.num_batches_tracked", scalar.get("key").asText());
    assertEquals(0, scalar.get("shape").size());
    assertEquals("[5,3,3,3]", json.get("tensors").get(0).get("shape").toString());
  }

  @Test
  void inspectFindsDamage() {
    assertThrows(
        InputException.class,
        () -> run(new InspectCommand(), REFERENCE.resolve("checkpoints/bad/wrong_crc_storage.pt")));
  }

  /** What the command printed; its exception if it threw one. */
  private static String run(Object command, Object... arguments) {
    StringWriter out = new StringWriter();
    String[] words = new String[arguments.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = arguments[i].toString();
    }
    CommandLine cmd =
        new CommandLine(command)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setOut(new PrintWriter(out));
    AtomicReference<Exception> failure = new AtomicReference<>();
    cmd.setExecutionExceptionHandler(
        (e, c, r) -> {
          failure.set(e);
          return 2;
        });
    int status = cmd.execute(words);
    if (failure.get() instanceof RuntimeException e) {
      throw e;
    }
    assertEquals(0, status);
    return out.toString();
  }
}
