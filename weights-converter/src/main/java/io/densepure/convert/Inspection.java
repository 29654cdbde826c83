package io.densepure.convert;

import io.densepure.compute.DType;
import io.densepure.compute.Shape;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is in a file of weights.
 *
 * @param format as {@link WeightFile#format}
 * @param keyPath where in the checkpoint the tensors are; empty if at the root
 * @param tensors in the order of the file
 * @param parameters elements of the real tensors, without batch norm's running statistics
 * @param bytes of all tensors
 * @param metadata see {@link WeightFile#metadata}
 */
public record Inspection(
    Path path,
    String format,
    String keyPath,
    List<TensorInfo> tensors,
    long parameters,
    long bytes,
    Map<DType, Integer> dtypes,
    Map<String, String> metadata,
    Optional<Architecture> architecture) {

  /** One tensor. */
  public record TensorInfo(String key, DType dtype, Shape shape) {}

  /**
   * Looks at a file; every tensor is read once, so that damage is found.
   *
   * @param keyPath as in {@link WeightFile#open}
   * @throws io.densepure.InputException naming the file if it cannot be read
   */
  public static Inspection of(Path path, String keyPath) {
    WeightFile file = WeightFile.open(path, keyPath);
    Map<DType, Integer> dtypes = new EnumMap<>(DType.class);
    long parameters = 0;
    long bytes = 0;
    for (WeightFile.Entry e : file.entries()) {
      e.load().get();
      dtypes.merge(e.dtype(), 1, Integer::sum);
      parameters += isParameter(e) ? e.shape().elements() : 0;
      bytes += e.bytes();
    }
    return new Inspection(
        path,
        file.format(),
        file.keyPath(),
        file.entries().stream().map(e -> new TensorInfo(e.key(), e.dtype(), e.shape())).toList(),
        parameters,
        bytes,
        dtypes,
        file.metadata(),
        Architecture.of(file.shapes()));
  }

  private static boolean isParameter(WeightFile.Entry e) {
    return e.dtype().isFloat()
        && !e.key().endsWith("running_mean")
        && !e.key().endsWith("running_var");
  }
}
