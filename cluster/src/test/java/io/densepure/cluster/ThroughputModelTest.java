package io.densepure.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ThroughputModelTest {
  private static final ThroughputModel.Run RUN = new ThroughputModel.Run("x", 1, 1000, 10, 0.1);

  @Test
  void withoutOverheadsGpusShareTheWork() {
    ThroughputModel free = new ThroughputModel(0, 0, 0, 0);
    assertEquals(100, free.seconds(RUN, 1), 1e-9);
    assertEquals(100.0 / 5 + 10, free.seconds(RUN, 5), 1e-9, "and the last task");
    assertEquals(1, free.efficiency(RUN, 1), 1e-9);
  }

  @Test
  void eachOverheadCounts() {
    assertEquals(107, new ThroughputModel(7, 0, 0, 0).seconds(RUN, 1), 1e-9);
    assertEquals(110, new ThroughputModel(0, 1, 0, 0).seconds(RUN, 1), 1e-9, "10 tasks");
    assertEquals(40 + 10, new ThroughputModel(0, 0, 4, 0).seconds(RUN, 1000), 1e-9);
    assertEquals(50 + 10, new ThroughputModel(0, 0, 0, 0.05).seconds(RUN, 1000), 1e-9);
  }

  @Test
  void theDocumentHasTheTable() throws IOException {
    String document = Files.readString(Path.of("../docs/cluster.md"));
    assertTrue(
        document.contains(ThroughputModel.FITTED.table()),
        "docs/cluster.md should have:\n" + ThroughputModel.FITTED.table());
  }
}
