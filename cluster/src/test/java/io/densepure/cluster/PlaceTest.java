package io.densepure.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import java.util.Map;
import org.apache.spark.resource.ResourceInformation;
import org.junit.jupiter.api.Test;

class PlaceTest {
  private static Map<String, ResourceInformation> gpu(String address) {
    return Map.of("gpu", new ResourceInformation("gpu", new String[] {address}));
  }

  @Test
  void theGpuIsTheOneThatSparkGives() {
    assertEquals("cuda:3", Place.backend("auto", gpu("3")));
    assertEquals("cuda:0", Place.backend("cuda", gpu("0")));
    assertEquals("cpu", Place.backend("cpu", gpu("3")));
    assertEquals("cuda:1", Place.backend("cuda:1", gpu("3")));
  }

  @Test
  void withoutAGpuThereIsTheCpuUnlessAGpuWasAskedFor() {
    assertEquals("cpu", Place.backend("auto", Map.of()));
    InputException e = assertThrows(InputException.class, () -> Place.backend("cuda", Map.of()));
    assertTrue(e.getMessage().contains("spark.task.resource.gpu.amount"), e.getMessage());
  }

  @Test
  void aNameIsNoNumberOfAGpu() {
    assertThrows(InputException.class, () -> Place.backend("auto", gpu("GPU-6d3c")));
  }
}
