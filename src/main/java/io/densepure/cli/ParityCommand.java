package io.densepure.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.InputException;
import io.densepure.compute.Device;
import io.densepure.parity.GoldenCase;
import io.densepure.parity.ParityResult;
import io.densepure.parity.ParityResult.Status;
import io.densepure.parity.ParityRunner;
import io.densepure.parity.ParitySuite;
import io.densepure.parity.ParityTable;
import io.densepure.pipeline.Backends;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code parity}: golden cases of the original program against a backend. */
@Command(
    name = "parity",
    sortOptions = false,
    description = {
      "Run a folder of golden cases of the original program and compare every array it recorded."
          + " One line per case: the verdict, the largest error, the tolerance it is held against"
          + " and the share of it that is used. 16-bit precisions have wider tolerances. Exit code"
          + " 0 if every case passes, else 1; a case that nothing here can run does not pass."
    },
    footer = {"", "Example:", "  densepure parity src/test/reference --group traces --verbose"})
final class ParityCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "The folder; its cases are listed in index.json.")
  private Path folder;

  @Option(
      names = "--group",
      paramLabel = "NAME",
      description = "Only the cases of this group. May be given more than once.")
  private List<String> groups = List.of();

  @Option(
      names = "--case",
      paramLabel = "ID",
      description = "Only this case. May be given more than once.")
  private List<String> ids = List.of();

  @Option(names = "--json", description = "Print one JSON document instead.")
  private boolean json;

  @Option(names = "--verbose", description = "Also print a line per array.")
  private boolean verbose;

  @Mixin private ComputeOptions compute;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    List<ParityResult> results = new ArrayList<>();
    String deviceName = "";
    for (GoldenCase c : ParitySuite.load(folder).select(groups, ids)) {
      // A device of its own, so that the weights of one case never weigh on the next.
      try (Device device = openDevice()) {
        deviceName = device.name();
        results.add(new ParityRunner().run(c, device, compute.dtype()));
      }
      if (!json) {
        print(results.get(results.size() - 1), out);
      }
    }
    out.println(
        json
            ? toJson(deviceName, results)
            : ParityTable.summary(results) + " [" + deviceName + "]");
    boolean allPassed = ParityTable.count(results, Status.PASS) == results.size();
    return allPassed && !results.isEmpty() ? 0 : 1;
  }

  private Device openDevice() {
    Device device = Backends.open(compute.backend, compute.threads());
    try {
      Backends.requireDtype(device, compute.dtype());
    } catch (InputException e) {
      device.close();
      throw e;
    }
    return device;
  }

  private void print(ParityResult result, PrintWriter out) {
    out.println(ParityTable.line(result));
    if (verbose) {
      ParityTable.details(result).forEach(out::println);
    }
    out.flush();
  }

  private String toJson(String deviceName, List<ParityResult> results) throws IOException {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("folder", folder.toString());
    document.put("device", deviceName);
    document.put("dtype", compute.dtype().label());
    document.put("passed", ParityTable.count(results, Status.PASS));
    document.put("failed", ParityTable.count(results, Status.FAIL));
    document.put("unsupported", ParityTable.count(results, Status.UNSUPPORTED));
    document.put("cases", results);
    return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(document);
  }
}
