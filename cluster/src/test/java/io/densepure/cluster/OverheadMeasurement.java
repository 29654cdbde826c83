package io.densepure.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Prints what {@link ThroughputModel} is fitted to, on a cluster of two workers on this machine.
 * Not a test: {@code mvn -f cluster/pom.xml -Dtest=OverheadMeasurement verify}.
 */
class OverheadMeasurement {
  @TempDir private Path temp;

  @Test
  void measure() throws Exception {
    try (Processes processes = new Processes(temp);
        SparkCluster cluster = new SparkCluster(temp, processes)) {
      cluster.worker(Map.of());
      cluster.worker(Map.of());
      Processes.Running driver = cluster.measure();
      assertEquals(0, driver.exit(), driver.errors());
      System.out.println(driver.output());
    }
  }
}
