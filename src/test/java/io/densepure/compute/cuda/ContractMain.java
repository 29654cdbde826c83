package io.densepure.compute.cuda;

import java.io.PrintWriter;
import java.util.List;
import java.util.stream.Stream;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs {@link CudaDeviceContractTest} or parts of it; exit status 1 if any of it fails. */
final class ContractMain {
  private ContractMain() {}

  /**
   * @param args names of tests, or none for all
   */
  public static void main(String[] args) {
    List<DiscoverySelector> tests =
        args.length == 0
            ? List.of(DiscoverySelectors.selectClass(CudaDeviceContractTest.class))
            : Stream.of(args)
                .<DiscoverySelector>map(
                    test -> DiscoverySelectors.selectMethod(CudaDeviceContractTest.class, test))
                .toList();
    Launcher launcher = LauncherFactory.create();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    launcher.execute(LauncherDiscoveryRequestBuilder.request().selectors(tests).build(), listener);
    TestExecutionSummary summary = listener.getSummary();
    summary.printFailuresTo(new PrintWriter(System.err, true), 2);
    System.out.println(summary.getTestsSucceededCount() + " passed");
    System.exit(summary.getTotalFailureCount() == 0 ? 0 : 1);
  }
}
