package io.densepure.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.compute.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code benchmarks/run forward}: forward passes against libtorch. */
@Command(
    name = "forward",
    description = {
      "Times forward passes against libtorch, JVM by JVM in turn, and prints a table.",
      "Exits with 1 if the two engines' outputs differ."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class ForwardCommand implements Callable<Integer> {
  private static final Path HISTORY = Path.of("benchmarks", "history.jsonl");

  @Option(
      names = "--network",
      split = ",",
      defaultValue = "unet-cifar10,wide-resnet-28-10,vit-b-16",
      description = "unet-cifar10, wide-resnet-28-10, vit-b-16")
  private List<Network> networks;

  @Option(names = "--dtype", split = ",", defaultValue = "fp32,bf16", description = "fp32, bf16")
  private List<DType> dtypes;

  @Option(names = "--batch", split = ",", defaultValue = "8,32", description = "images at once")
  private List<Integer> batches;

  @Option(names = "--threads", defaultValue = "2", description = "threads of either engine")
  private int threads;

  @Option(names = "--rounds", defaultValue = "7", description = "JVMs per engine")
  private int rounds;

  @Option(names = "--warmups", defaultValue = "3", description = "untimed passes per JVM")
  private int warmups;

  @Option(names = "--iterations", defaultValue = "7", description = "timed passes per JVM")
  private int iterations;

  @Option(
      names = "--json",
      defaultValue = "target/benchmarks/forward.json",
      description = "where to write the results")
  private Path json;

  @Option(names = "--history", description = "append the results to benchmarks/history.jsonl")
  private boolean history;

  @Override
  public Integer call() throws IOException, RunnerException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode report = mapper.createObjectNode();
    Provenance provenance = Provenance.here(threads);
    provenance.writeTo(report);
    ArrayNode results = report.putArray("results");
    boolean agree = true;
    System.out.printf(
        "%s; %s%n%n%s%n", provenance.processor(), provenance.device(), DuelResult.HEADER);
    for (Network network : networks) {
      for (DType dtype : dtypes) {
        for (int batch : batches) {
          DuelResult result =
              new Duel(network, dtype, batch, threads, rounds, warmups, iterations).run();
          System.out.println(result.row());
          results.add(result.json(mapper));
          agree &= result.agrees();
        }
      }
    }
    Files.createDirectories(json.toAbsolutePath().getParent());
    Files.writeString(json, report.toPrettyString() + System.lineSeparator());
    if (history) {
      Files.writeString(
          HISTORY, report + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
    return agree ? 0 : 1;
  }
}
