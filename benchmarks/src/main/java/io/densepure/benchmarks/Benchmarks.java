package io.densepure.benchmarks;

import io.densepure.compute.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.TypeConversionException;

/** The program behind {@code benchmarks/run}. */
@Command(
    name = "benchmarks/run",
    description = "Times DensePure's CPU backend.",
    mixinStandardHelpOptions = true,
    subcommands = {
      ForwardCommand.class,
      OpsCommand.class,
      CertifyCommand.class,
      LabelsCommand.class
    },
    synopsisSubcommandLabel = "COMMAND")
public final class Benchmarks {
  private Benchmarks() {}

  public static void main(String[] args) {
    CommandLine commandLine = new CommandLine(new Benchmarks());
    commandLine.registerConverter(Network.class, Network::of);
    commandLine.registerConverter(DType.class, Benchmarks::dtype);
    System.exit(commandLine.execute(args));
  }

  private static DType dtype(String label) {
    return Stream.of(DType.F32, DType.BF16)
        .filter(d -> d.label().equals(label))
        .findFirst()
        .orElseThrow(() -> new TypeConversionException(label + " is neither fp32 nor bf16"));
  }

  /** With all that is in it. */
  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
    }
  }
}
