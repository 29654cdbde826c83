package io.densepure.compute.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The contract again on a harness that puts work off for as long as CUDA may and does it in another
 * order where CUDA may: what waits for too little shows.
 */
class CudaDeferredTest {
  @Test
  void theContractHoldsWhateverCudaPutsOff() {
    assumeFalse(
        System.getProperty(NativeLibraries.FOLDERS_PROPERTY, "").isEmpty(),
        "SKIPPED: a real GPU cannot be told to be late");
    ChildJvm child = ChildJvm.onHarness(ContractMain.class, Map.of("DEFERRED", "1"));
    assertEquals(0, child.exit(), child.errors());
    String passed = child.output().get(child.output().size() - 1);
    assertTrue(Integer.parseInt(passed.split(" ")[0]) > 100, passed);
  }
}
