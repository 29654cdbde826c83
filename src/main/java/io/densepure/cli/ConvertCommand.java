package io.densepure.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.convert.ConvertOptions;
import io.densepure.convert.Converter;
import io.densepure.convert.KeyPrefix;
import io.densepure.weights.Safetensors;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code convert}: a PyTorch checkpoint becomes a safetensors file. */
@Command(
    name = "convert",
    sortOptions = false,
    description = {
      "Turn a PyTorch checkpoint into a safetensors file, which the other commands read. PyTorch is"
          + " not needed and nothing in the checkpoint is run. The new file"
          + " is compared with the checkpoint before the command ends."
    },
    footer = {
      "",
      "Examples:",
      "  densepure convert cifar10_uncond_50M_500K.pt",
      "  densepure convert 256x256_diffusion_uncond.pt unet256.safetensors --dtype fp16",
      "  densepure convert pytorch_model.bin.index.json vit.safetensors --dtype bf16",
      "  densepure convert checkpoint.pth.tar resnet110.safetensors --key state_dict"
    })
final class ConvertCommand implements Callable<Integer> {
  /** What real numbers become. */
  enum Precision {
    KEEP(null),
    FP32(DType.F32),
    FP16(DType.F16),
    BF16(DType.BF16);

    private final DType dtype;

    Precision(DType dtype) {
      this.dtype = dtype;
    }
  }

  @Parameters(
      index = "0",
      paramLabel = "SOURCE",
      description =
          "A checkpoint (.pt, .pth, .t7, .bin, ...), a safetensors file, an index of several"
              + " (.index.json), or a folder of Hugging Face's with one of these.")
  private Path source;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "TARGET",
      description = "The new file. Default: SOURCE with the extension .safetensors.")
  private Path target;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "What real numbers become: keep, fp32, fp16 or bf16. Default: keep.")
  private Precision dtype = Precision.KEEP;

  @Option(
      names = "--prefix",
      paramLabel = "RULE",
      description =
          "What happens to the 'module.' that DataParallel puts before keys: keep or strip."
              + " Default: strip, which leaves the keys of the network itself.")
  private KeyPrefix prefix = KeyPrefix.STRIP;

  @Option(
      names = "--key",
      paramLabel = "PATH",
      description =
          "Where in the checkpoint the tensors are, as state_dict or ema.model. Default: found by"
              + " the usual names.")
  private String key;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The network's configuration as JSON, to be kept in the new file's metadata.")
  private Path config;

  @Option(names = "--force", description = "Replace TARGET if it exists.")
  private boolean force;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    String[] version = spec.root().version();
    ConvertOptions options =
        new ConvertOptions(
            dtype.dtype,
            prefix,
            key,
            config == null ? null : json(config),
            version.length == 0 ? "densepure" : version[0],
            force);
    print(Converter.convert(source, target == null ? defaultTarget() : target, options));
    return 0;
  }

  private Path defaultTarget() {
    String name = source.getFileName().toString().replaceFirst("\\.index\\.json$", "");
    int dot = name.lastIndexOf('.');
    return source.resolveSibling(
        (dot <= 0 ? name : name.substring(0, dot)) + Safetensors.EXTENSION);
  }

  private static String json(Path file) {
    try {
      JsonNode node = new ObjectMapper().readTree(Files.readString(file));
      if (!node.isObject()) {
        throw InputException.of("%s: must be one JSON object", file);
      }
      return node.toString();
    } catch (JsonProcessingException e) {
      throw new InputException(
          file + ": not JSON: " + e.getOriginalMessage().lines().findFirst().orElse(""), e);
    } catch (IOException e) {
      throw InputException.unreadable(file, e);
    }
  }

  private void print(Converter.Result result) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%s: %d tensors, %s, verified%n",
        result.target(), result.tensors(), ByteCount.of(result.bytes()));
    if (!result.keyPath().isEmpty()) {
      out.printf("They were at '%s' in the checkpoint.%n", result.keyPath());
    }
    result.architecture().ifPresent(a -> out.printf("Looks like %s: %s%n", a.name(), a.details()));
    if (result.overflows() > 0) {
      out.printf(
          "Warning: %d numbers are too large for %s and became infinite.%n",
          result.overflows(), dtype.dtype.label());
    }
    out.flush();
  }
}
