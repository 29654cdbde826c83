package io.densepure.compute.cpu;

import io.densepure.compute.DType;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs the tests of {@code src/test/avx512/run} on the emulated processor: a line for each test as
 * soon as it ends, for it may take minutes, and a table at the end.
 */
final class EmulatedMain implements TestExecutionListener {
  /** What became of a class's tests. */
  private static final class Tally {
    private int passed;
    private int failed;
    private int skipped;
    private double seconds;

    private String row(String name) {
      return "%-30s %8d %8d %8d %10.1f%n".formatted(name, passed, failed, skipped, seconds);
    }
  }

  private final Map<TestIdentifier, Long> started = new HashMap<>();
  private final Map<String, Tally> tallies = new LinkedHashMap<>();
  private Tally current = new Tally();

  private EmulatedMain() {}

  /**
   * @param tests as {@code class:NAME} and {@code method:CLASS#NAME}
   */
  public static void main(String[] tests) {
    try (CpuDevice device = CpuDevice.open(1)) {
      boolean bf16 = device.supports(DType.BF16);
      System.out.println(device.description() + (bf16 ? ", with bf16" : ", without bf16"));
    }
    EmulatedMain results = new EmulatedMain();
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(
                    Stream.of(tests).map(t -> DiscoverySelectors.parse(t).orElseThrow()).toList())
                .filters(EngineFilter.includeEngines("junit-jupiter"))
                .build(),
            results);
    System.exit(results.print() ? 0 : 1);
  }

  /** Whether something passed and nothing failed. */
  private boolean print() {
    System.out.printf("%n%-30s %8s %8s %8s %10s%n", "", "passed", "failed", "skipped", "seconds");
    Tally all = new Tally();
    for (Map.Entry<String, Tally> entry : tallies.entrySet()) {
      Tally tally = entry.getValue();
      all.passed += tally.passed;
      all.failed += tally.failed;
      all.skipped += tally.skipped;
      all.seconds += tally.seconds;
      System.out.print(tally.row(entry.getKey()));
    }
    System.out.print(all.row("all"));
    return all.passed > 0 && all.failed == 0;
  }

  @Override
  public void executionStarted(TestIdentifier test) {
    started.put(test, System.nanoTime());
    if (isClass(test)) {
      current = tallies.computeIfAbsent(test.getDisplayName(), name -> new Tally());
    }
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    double seconds = (System.nanoTime() - started.remove(test)) / 1e9;
    if (isClass(test)) {
      current.seconds += seconds;
    }
    String line = "%.1f s %s".formatted(seconds, test.getDisplayName());
    switch (result.getStatus()) {
      case SUCCESSFUL -> {
        current.passed += test.isTest() ? 1 : 0;
        System.out.println("PASS " + line);
      }
      case ABORTED -> {
        current.skipped++;
        System.out.println("SKIP " + line);
      }
      default -> {
        current.failed++;
        System.out.println("FAIL " + line);
      }
    }
    result.getThrowable().ifPresent(e -> System.out.println("  " + e));
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    current.skipped++;
    System.out.println("SKIP " + test.getDisplayName() + ": " + reason);
  }

  private static boolean isClass(TestIdentifier test) {
    return test.getSource().filter(ClassSource.class::isInstance).isPresent();
  }
}
