package io.densepure.compute.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.densepure.cli.DensePure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The oldest GPUs that we support, of compute capability 7.5, have no bfloat16. */
class TuringTest {
  private static final Map<String, String> TURING = Map.of("ARCH", "75");

  @BeforeEach
  void onTheHarnessOnly() {
    assumeFalse(
        System.getProperty(NativeLibraries.FOLDERS_PROPERTY, "").isEmpty(),
        "SKIPPED: a real GPU has the compute capability that it has");
  }

  @Test
  void bfloat16IsRefusedWhereverItIsAskedFor() {
    ChildJvm child =
        ChildJvm.onHarness(
            ContractMain.class,
            TURING,
            "onlySomeDtypesAndShapesCanBeAllocated",
            "unsupportedDtypesAreRefusedWhenRecording");
    assertEquals(0, child.exit(), child.errors());
    assertEquals("2 passed", child.output().get(child.output().size() - 1));
  }

  @Test
  void theCommandLineSaysWhichPrecisionsThereAre(@TempDir Path folder) {
    Path table = folder.resolve("run");
    ChildJvm child =
        ChildJvm.onHarness(
            DensePure.class,
            TURING,
            ("certify --ids 0 --N 4 --one-shot --dtype bf16 --out " + table).split(" "));
    assertEquals(2, child.exit(), child.errors());
    assertTrue(
        child.errors().contains("--dtype bf16 is not available on cuda:0, which has fp32, fp16"),
        child.errors());
    assertTrue(Files.notExists(folder.resolve("run_diffpure")));
  }
}
