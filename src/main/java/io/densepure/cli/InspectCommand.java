package io.densepure.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.InputException;
import io.densepure.convert.Inspection;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code inspect}: what is in a checkpoint or safetensors file. */
@Command(
    name = "inspect",
    sortOptions = false,
    description = {
      "Show what is in a checkpoint or safetensors file: its tensors, what network they look like,"
          + " and what else is stored. Nothing in the file is run; every tensor is read once, so"
          + " that damage shows."
    },
    footer = {
      "",
      "Examples:",
      "  densepure inspect cifar10_uncond_50M_500K.pt",
      "  densepure inspect checkpoint.pth.tar --key state_dict --all"
    })
final class InspectCommand implements Callable<Integer> {
  private static final int MAX_ROWS = 20;

  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description =
          "A checkpoint (.pt, .pth, .t7, .bin, ...), a safetensors file, an index of several"
              + " (.index.json), or a folder of Hugging Face's with one of these.")
  private Path file;

  @Option(
      names = "--key",
      paramLabel = "PATH",
      description =
          "Look at the tensors below this part of a checkpoint. Default: found by the usual names.")
  private String key;

  @Option(names = "--all", description = "List all tensors, not just the first 20.")
  private boolean all;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Inspection inspection = Inspection.of(file, key);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(toJson(inspection).toPrettyString());
    } else {
      print(inspection, out);
    }
    out.flush();
    return 0;
  }

  private void print(Inspection i, PrintWriter out) {
    out.printf("%s: %s%n", i.path(), i.format());
    out.printf(
        Locale.ROOT,
        "%d tensors%s (%s), %,d parameters, %s%n",
        i.tensors().size(),
        i.keyPath().isEmpty() ? "" : " at '" + i.keyPath() + "'",
        i.dtypes().entrySet().stream()
            .map(e -> e.getValue() + " " + e.getKey())
            .collect(Collectors.joining(", ")),
        i.parameters(),
        ByteCount.of(i.bytes()));
    out.printf(
        "Looks like %s%n",
        i.architecture().map(a -> a.name() + ": " + a.details()).orElse("no network known here"));
    i.metadata().forEach((name, value) -> out.printf("  %s = %s%n", shown(name), shown(value)));
    printTensors(i.tensors(), out);
  }

  private void printTensors(List<Inspection.TensorInfo> tensors, PrintWriter out) {
    List<Inspection.TensorInfo> rows =
        all ? tensors : tensors.subList(0, Math.min(MAX_ROWS, tensors.size()));
    int width = rows.stream().mapToInt(t -> t.key().length()).max().orElse(0);
    out.println();
    for (Inspection.TensorInfo t : rows) {
      out.printf(
          "  %-" + Math.max(1, width) + "s  %-4s  %s%n", shown(t.key()), t.dtype(), t.shape());
    }
    if (rows.size() < tensors.size()) {
      out.printf("  ... and %d more; --all lists them%n", tensors.size() - rows.size());
    }
  }

  /** Names and values come from the file: nothing in them may move the cursor. */
  private static String shown(String untrusted) {
    String quoted = InputException.quote(untrusted);
    return quoted.substring(1, quoted.length() - 1);
  }

  private static ObjectNode toJson(Inspection i) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("file", i.path().toString())
        .put("format", i.format())
        .put("key", i.keyPath())
        .put("parameters", i.parameters())
        .put("bytes", i.bytes());
    i.architecture()
        .ifPresent(
            a -> node.putObject("architecture").put("name", a.name()).put("details", a.details()));
    ObjectNode dtypes = node.putObject("dtypes");
    i.dtypes().forEach((dtype, count) -> dtypes.put(dtype.name(), count));
    ObjectNode metadata = node.putObject("metadata");
    i.metadata().forEach(metadata::put);
    for (Inspection.TensorInfo t : i.tensors()) {
      ObjectNode tensor = node.withArray("tensors").addObject();
      tensor.put("key", t.key()).put("dtype", t.dtype().name());
      ArrayNode shape = tensor.putArray("shape");
      for (int d : t.shape().toArray()) {
        shape.add(d);
      }
    }
    return node;
  }
}
