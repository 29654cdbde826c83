package io.densepure.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.cuda.CudaLibrary;
import io.densepure.pipeline.Backends;
import io.densepure.pipeline.DeviceCheck;
import io.densepure.pipeline.Doctor;
import io.densepure.pipeline.Doctor.Diagnosis;
import io.densepure.pipeline.ModelCheck;
import io.densepure.pipeline.Setup;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code doctor}: what this machine can compute with, and what to install for more. */
@Command(
    name = "doctor",
    sortOptions = false,
    description = {
      "Try out what this machine can compute with: the CPU, every GPU, NVIDIA's libraries. Says what"
          + " --backend auto takes and why, and what to install where something is missing. Exit"
          + " code 0 if the default backend works, else 3.",
      "",
      "With --model also whether the networks do what they are for: some images of the data set are"
          + " classified, and denoised after noise of 0.25 was added. A checkpoint of zeros, or with"
          + " tensors in another order, loads without an error and fails here. Exit code 1 then."
    },
    footer = {
      "",
      "Examples:",
      "  densepure doctor",
      "  densepure doctor --json",
      "  densepure doctor --model",
      "  densepure doctor --model cifar10 --data /data/cifar-10-batches-bin",
      "  densepure doctor --model my_classifier.pt --config my_setup.yml"
    })
final class DoctorCommand implements Callable<Integer> {
  private static final int CHECK_FAILED = 1;

  @Option(names = "--json", description = "Print one JSON object instead.")
  private boolean json;

  @HelpSection.In(HelpSection.MODELS)
  @Option(
      names = "--model",
      arity = "0..1",
      fallbackValue = "",
      paramLabel = "FILE",
      description =
          "Also check the networks of a configuration: a YAML file or a built-in one. Or a"
              + " checkpoint, in place of the configuration's. Default: what --config says.")
  private String model;

  @Mixin private SetupOptions setupOptions;
  @Mixin private ComputeOptions compute;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Diagnosis diagnosis = Doctor.examine();
    PrintWriter out = spec.commandLine().getOut();
    if (!json) {
      print(diagnosis, out);
      out.flush();
    }
    ModelCheck check = model == null ? null : checkModel();
    if (json) {
      ObjectNode all = toJson(diagnosis);
      if (check != null) {
        ModelReport.describe(check, all.putObject("model"));
      }
      out.println(all.toPrettyString());
    } else if (check != null) {
      ModelReport.print(check, out);
    }
    out.flush();
    if (check != null) {
      return check.ok() ? 0 : CHECK_FAILED;
    }
    return diagnosis.works() ? 0 : DensePure.DEVICE_FAILED;
  }

  private ModelCheck checkModel() {
    if (!model.isEmpty()) {
      setupOptions.take(model);
    }
    Setup setup = setupOptions.load();
    try (Device device = Backends.open(compute.backend, compute.threads())) {
      return ModelCheck.of(
          device, setup, setupOptions.classifier(), compute.dtype(), System.err::println);
    }
  }

  private static void print(Diagnosis d, PrintWriter out) {
    out.println("densepure " + Version.text());
    line(out, "java", java() + ", heap of at most " + ByteCount.of(heap()));
    line(out, "memory", ByteCount.of(freeMemory()) + " of " + ByteCount.of(memory()) + " free");
    out.println();
    for (DeviceCheck device : d.devices()) {
      line(out, device.works() ? "ok" : "FAILS", describe(device));
    }
    for (CudaLibrary library : d.libraries()) {
      line(out, status(library), describe(library));
    }
    out.println();
    if (!d.cuda().available()) {
      out.println(d.cuda().message());
    }
    out.println("--backend auto uses " + d.chosen() + ": " + reason(d) + ".");
    if (!d.works()) {
      out.println("It does not work, so no command will without another --backend.");
    }
  }

  private static void line(PrintWriter out, String status, String text) {
    out.printf("%-8s %s%n", status, text);
  }

  private static String describe(DeviceCheck device) {
    if (!device.works()) {
      return device.name() + ": " + device.problem();
    }
    String free =
        device.freeBytes() == 0 ? "" : "; " + ByteCount.of(device.freeBytes()) + " of memory free";
    return device.description() + free + "; --dtype " + dtypes(device);
  }

  private static String dtypes(DeviceCheck device) {
    return device.dtypes().stream().map(DType::label).collect(Collectors.joining(", "));
  }

  private static String status(CudaLibrary library) {
    if (library.problem() == null) {
      return "ok";
    }
    return library.needed() ? "missing" : "-";
  }

  private static String describe(CudaLibrary library) {
    String version = library.version() == null ? "" : " " + library.version();
    String found = library.name() + version + " (" + library.file() + ")";
    if (library.problem() == null) {
      return found;
    }
    return found
        + ": "
        + library.problem()
        + (library.needed()
            ? "; install " + library.install()
            : "; not needed, the kernels were compiled at build");
  }

  private static String reason(Diagnosis d) {
    return d.cuda().available() ? "the first GPU" : "there is no usable GPU";
  }

  private static ObjectNode toJson(Diagnosis d) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("densepure", Version.text());
    root.put("java", java());
    root.put("heap_bytes", heap());
    root.put("memory_bytes", memory());
    root.put("memory_free_bytes", freeMemory());
    for (DeviceCheck device : d.devices()) {
      ObjectNode node = root.withArray("devices").addObject();
      node.put("name", device.name()).put("works", device.works());
      node.put("description", device.description());
      if (device.freeBytes() > 0) {
        node.put("free_bytes", device.freeBytes());
      }
      device.dtypes().forEach(dtype -> node.withArray("dtypes").add(dtype.label()));
      node.put("problem", device.problem());
    }
    for (CudaLibrary library : d.libraries()) {
      root.withArray("libraries")
          .addObject()
          .put("name", library.name())
          .put("file", library.file())
          .put("version", library.version())
          .put("problem", library.problem())
          .put("install", library.install())
          .put("needed", library.needed());
    }
    root.put("cuda", d.cuda().message());
    root.put("auto", d.chosen());
    root.put("reason", reason(d));
    root.put("works", d.works());
    return root;
  }

  private static String java() {
    return System.getProperty("java.version") + ", " + System.getProperty("java.vendor");
  }

  private static long heap() {
    return Runtime.getRuntime().maxMemory();
  }

  private static OperatingSystemMXBean system() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  }

  private static long memory() {
    return system().getTotalMemorySize();
  }

  private static long freeMemory() {
    return system().getFreeMemorySize();
  }
}
