package io.densepure.compute.cpu;

import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.KernelRounding;
import io.densepure.compute.Ops;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * Weights as oneDNN wants them: each host tensor is laid out once for every layout and dtype that
 * some program needs, and all programs share the result, those of several threads, too.
 */
final class WeightCache implements AutoCloseable {
  /** Makes of a weight what some operation works with. */
  @FunctionalInterface
  interface Layouter {
    /**
     * @param plain the weight, in {@code F32}
     * @param laid filled
     */
    void lay(engine engine, stream stream, memory plain, memory laid);
  }

  private record Laid(memory.desc layout, memory memory, PointerScope natives) {}

  private final engine engine;
  private final stream stream;
  private final Map<HostTensor, List<Laid>> laid = new IdentityHashMap<>();
  private final Map<Object, List<HostTensor>> derived = new HashMap<>();

  WeightCache(engine engine, stream stream) {
    this.engine = engine;
    this.stream = stream;
  }

  /**
   * @param plain the {@code F32} layout of {@code weight.toFloats()}
   * @param layout the layout and dtype wanted, over the same logical axes
   */
  memory get(HostTensor weight, memory.desc plain, memory.desc layout) {
    return get(weight, plain, layout, WeightCache::reorder);
  }

  private static void reorder(engine engine, stream stream, memory plain, memory laid) {
    new reorder(plain, laid).execute(stream, plain, laid);
  }

  /**
   * As {@link #get(HostTensor, memory.desc, memory.desc)}, with other axes than the weight has.
   *
   * @param layout one that no other layouter makes of a weight
   */
  synchronized memory get(
      HostTensor weight, memory.desc plain, memory.desc layout, Layouter layouter) {
    List<Laid> versions = laid.computeIfAbsent(weight, w -> new ArrayList<>());
    for (Laid version : versions) {
      if (version.layout.equals(layout)) {
        return version.memory;
      }
    }
    Laid version = reserve(layout);
    try (PointerScope temporary = new PointerScope()) {
      float[] values = values(weight, layout);
      memory source = new memory(plain, engine);
      new FloatPointer(source.get_data_handle()).put(values, 0, values.length);
      layouter.lay(engine, stream, source, version.memory);
      stream._wait();
      versions.add(version);
      return version.memory;
    } finally {
      if (!versions.contains(version)) {
        version.natives.close();
      }
    }
  }

  /** In 16-bit layouts, rounded as {@link Ops} says; laying them out does not change them. */
  private static float[] values(HostTensor weight, memory.desc layout) {
    boolean half = layout.get_data_type().value == memory.data_type.bf16.value;
    return half ? KernelRounding.round(weight, DType.BF16) : weight.toFloats();
  }

  /**
   * What {@code make} computes, the same objects for all programs.
   *
   * @param key equal for equal results
   */
  synchronized List<HostTensor> derived(Object key, Supplier<List<HostTensor>> make) {
    return derived.computeIfAbsent(key, k -> make.get());
  }

  /** Memory of a scope of its own, so that it outlives the program being built. */
  private Laid reserve(memory.desc layout) {
    try (PointerScope natives = new PointerScope()) {
      memory.desc copy = new memory.desc(layout);
      Laid reserved = new Laid(copy, new memory(copy, engine), natives);
      natives.extend(); // until close()
      return reserved;
    }
  }

  @Override
  public void close() {
    laid.values().forEach(versions -> versions.forEach(version -> version.natives.close()));
    laid.clear();
  }
}
