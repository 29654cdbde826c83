package io.densepure.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.cpu.CpuDevice;
import io.densepure.compute.cuda.CudaDevice;
import io.densepure.parity.GoldenCase;
import io.densepure.parity.ParityResult;
import io.densepure.parity.ParityResult.Status;
import io.densepure.parity.ParityRunner;
import io.densepure.parity.ParitySuite;
import io.densepure.parity.ParityTable;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code parity DIR}: golden cases against a backend. */
@Command(
    name = "parity",
    description =
        "Runs a folder of golden cases of the original program and reports every error"
            + " against its tolerance.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:every selected case passed", "1:some failed or are unsupported"})
public final class ParityCommand implements Callable<Integer> {
  private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "Folder with an index.json and its cases.")
  private Path folder;

  @Option(
      names = "--group",
      paramLabel = "NAME",
      description = "Only the cases of this group. Repeatable.")
  private List<String> groups = List.of();

  @Option(names = "--case", paramLabel = "ID", description = "Only this case. Repeatable.")
  private List<String> ids = List.of();

  @Option(
      names = "--backend",
      defaultValue = "cpu",
      description = "cpu, cuda or cuda:N. Default: ${DEFAULT-VALUE}.")
  private String backend;

  @Option(
      names = "--dtype",
      defaultValue = "fp32",
      description =
          "What networks store activations as: fp32, bf16 or fp16. The 16-bit ones are held"
              + " against wider tolerances. Default: ${DEFAULT-VALUE}.")
  private String dtype;

  @Option(names = "--json", description = "One JSON document instead of text.")
  private boolean json;

  @Option(names = "--verbose", description = "Also list every array compared.")
  private boolean verbose;

  @Override
  public Integer call() {
    List<GoldenCase> selected = ParitySuite.load(folder).select(groups, ids);
    DType activations = dtype(dtype);
    PrintWriter out = spec.commandLine().getOut();
    List<ParityResult> results = new ArrayList<>();
    ParityRunner runner = new ParityRunner();
    for (GoldenCase c : selected) {
      ParityResult result = run(runner, c, activations);
      results.add(result);
      if (!json) {
        out.println(ParityTable.line(result));
        if (verbose) {
          ParityTable.details(result).forEach(out::println);
        }
        out.flush();
      }
    }
    out.println(json ? toJson(results) : ParityTable.summary(results));
    out.flush();
    boolean allPassed = ParityTable.count(results, Status.PASS) == results.size();
    return allPassed && !results.isEmpty() ? 0 : 1;
  }

  /** A device of its own for every case: one case's weights never weigh on the next. */
  private ParityResult run(ParityRunner runner, GoldenCase c, DType activations) {
    try (Device device = openDevice()) {
      if (!device.supports(activations)) {
        throw InputException.of("%s cannot store activations as %s", device.name(), dtype);
      }
      return runner.run(c, device, activations);
    }
  }

  private Device openDevice() {
    Matcher cuda = CUDA.matcher(backend);
    if (cuda.matches()) {
      return CudaDevice.open(cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1)));
    }
    if (!backend.equals("cpu")) {
      throw InputException.of("--backend %s: no such backend; use cpu, cuda or cuda:N", backend);
    }
    return CpuDevice.open();
  }

  private static DType dtype(String label) {
    return switch (label) {
      case "fp32" -> DType.F32;
      case "bf16" -> DType.BF16;
      case "fp16" -> DType.F16;
      default -> throw InputException.of("--dtype %s: use fp32, bf16 or fp16", label);
    };
  }

  private String toJson(List<ParityResult> results) {
    Map<String, Object> document =
        Map.of(
            "folder", folder.toString(),
            "backend", backend,
            "dtype", dtype,
            "passed", ParityTable.count(results, Status.PASS),
            "failed", ParityTable.count(results, Status.FAIL),
            "unsupported", ParityTable.count(results, Status.UNSUPPORTED),
            "cases", results);
    try {
      return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
