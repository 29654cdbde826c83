package io.densepure.convert;

import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.weights.MappedFile;
import io.densepure.weights.Safetensors;
import io.densepure.weights.SafetensorsWriter;
import io.densepure.weights.WeightStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Turns a checkpoint into a safetensors file, tensor by tensor, and checks the result. */
public final class Converter {
  private static final int CHUNK = 1 << 24;

  /**
   * What was done.
   *
   * @param keyPath where in the checkpoint the tensors were; empty if at the root
   * @param bytes of all tensors in the new file
   * @param overflows how many finite numbers became infinite in the smaller type
   * @param architecture what the network looks like
   */
  public record Result(
      Path target,
      String keyPath,
      int tensors,
      long bytes,
      long overflows,
      Optional<Architecture> architecture) {}

  private final WeightFile source;
  private final Path target;
  private final ConvertOptions options;
  private final FloatCast cast;

  Converter(WeightFile source, Path target, ConvertOptions options) {
    this.source = source;
    this.target = target;
    this.options = options;
    this.cast = options.dtype() == null ? null : new FloatCast(options.dtype());
  }

  /**
   * Writes {@code target} with the tensors of {@code source}, and metadata: {@code arch} if it can
   * be seen, {@code config} if given, {@code source} (file name), {@code source_sha256}, {@code
   * converter}. The new file is then opened and compared with the source. One tensor is in memory
   * at a time.
   *
   * @param source a PyTorch checkpoint, a safetensors file, or what else {@link WeightFile} reads
   * @throws InputException naming the file if the source cannot be read, or the target exists and
   *     may not be overwritten or cannot be written
   */
  public static Result convert(Path source, Path target, ConvertOptions options) {
    WeightFile opened = WeightFile.open(source, options.keyPath()).with(options.prefix());
    if (Files.exists(target)) {
      checkReplaceable(opened.files(), target, options);
    }
    return new Converter(opened, target, options).run();
  }

  private static void checkReplaceable(List<Path> sources, Path target, ConvertOptions options) {
    try {
      for (Path source : sources) {
        if (Files.isDirectory(target) || Files.isSameFile(source, target)) {
          throw InputException.of(
              "%s: is a folder or the source itself; choose another name", target);
        }
      }
    } catch (IOException e) {
      throw new InputException(target + ": " + e.getMessage(), e);
    }
    if (!options.overwrite()) {
      throw InputException.of("%s: exists; --force replaces it", target);
    }
  }

  private Result run() {
    Optional<Architecture> architecture = Architecture.of(source.shapes());
    List<SafetensorsWriter.Entry> entries =
        source.entries().stream()
            .map(
                e ->
                    new SafetensorsWriter.Entry(
                        e.key(), resultType(e.dtype()), e.shape(), () -> data(e)))
            .toList();
    SafetensorsWriter.write(target, metadata(architecture), entries);
    long overflows = cast == null ? 0 : cast.overflows();
    verify();
    long bytes = entries.stream().mapToLong(e -> e.shape().elements() * e.dtype().bytes()).sum();
    return new Result(target, source.keyPath(), entries.size(), bytes, overflows, architecture);
  }

  private DType resultType(DType dtype) {
    return cast == null ? dtype : FloatCast.resultType(dtype, options.dtype());
  }

  private ByteBuffer data(WeightFile.Entry entry) {
    HostTensor tensor = entry.load().get();
    return cast == null ? tensor.data() : cast.cast(tensor);
  }

  private Map<String, String> metadata(Optional<Architecture> architecture) {
    Map<String, String> metadata = new LinkedHashMap<>();
    architecture.ifPresent(a -> metadata.put("arch", a.name()));
    if (options.config() != null) {
      metadata.put("config", options.config());
    }
    metadata.put("source", source.path().getFileName().toString());
    metadata.put("source_sha256", sha256(source.files()));
    metadata.put("converter", options.converter());
    return metadata;
  }

  /** Of all the files, one after the other. */
  private static String sha256(List<Path> paths) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Path path : paths) {
        MappedFile file = MappedFile.open(path);
        for (long at = 0; at < file.size(); at += CHUNK) {
          digest.update(file.slice(at, Math.min(CHUNK, file.size() - at)));
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  /**
   * Compares the new file with the source: the disk may have failed silently, or the source may
   * have changed meanwhile.
   */
  void verify() {
    WeightStore written = Safetensors.open(target);
    for (WeightFile.Entry e : source.entries()) {
      HostTensor actual = written.get(e.key());
      if (actual.dtype() != resultType(e.dtype())
          || !actual.shape().equals(e.shape())
          || !actual.data().equals(data(e))) {
        throw InputException.of(
            "%s: tensor %s is not what was written; is the disk faulty, or did %s change?",
            target, InputException.quote(e.key()), source.path());
      }
    }
  }
}
