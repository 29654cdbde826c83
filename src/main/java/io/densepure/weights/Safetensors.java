package io.densepure.weights;

import io.densepure.InputException;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Opens safetensors files: eight bytes of header length, a JSON header with dtype, shape and
 * position of each tensor, then the tensors' bytes. Format:
 * https://huggingface.co/docs/safetensors.
 */
public final class Safetensors {
  /** Ends the name of every such file. */
  public static final String EXTENSION = ".safetensors";

  private Safetensors() {}

  /**
   * The tensors of a file, in the order of its header. Their bytes stay in the file, which is
   * mapped into memory; a file of any size takes next to no heap.
   *
   * @throws InputException naming the file if it is absent or anything in its header is not as the
   *     format demands
   */
  public static WeightStore open(Path path) {
    MappedFile file = MappedFile.open(path);
    SafetensorsHeader header = SafetensorsHeader.read(file);
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    header
        .entries()
        .forEach(
            (key, e) -> {
              long start = header.dataStart() + e.begin();
              ByteBuffer mapped = file.slice(start, e.end() - e.begin());
              HostTensor.Reader reader = (offset, into) -> file.read(start + offset, into);
              tensors.put(key, new HostTensor(key, e.dtype(), Shape.of(e.shape()), mapped, reader));
            });
    return new MapWeightStore(path.toString(), tensors, header.metadata());
  }
}
