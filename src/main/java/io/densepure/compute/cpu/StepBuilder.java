package io.densepure.compute.cpu;

import io.densepure.DeviceException;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.compute.cpu.Recording.Node;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.global.dnnl.query;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.javacpp.IntPointer;

/** Turns recorded operations into steps: what the operations' build functions work with. */
final class StepBuilder {
  private final engine engine;
  private final WeightCache weights;
  private final int threads;
  private final List<Step> steps = new ArrayList<>();
  private final List<Storage> scratches = new ArrayList<>();
  private Node current;

  StepBuilder(engine engine, WeightCache weights, int threads) {
    this.engine = engine;
    this.weights = weights;
    this.threads = threads;
  }

  void build(Node node) {
    current = node;
    try {
      node.build().accept(this);
    } catch (DeviceException e) {
      throw e;
    } catch (RuntimeException e) { // what JavaCPP makes of a C++ exception
      throw new DeviceException(
          "cpu: oneDNN cannot do %s with result %s %s: %s"
              .formatted(node.kind(), node.output().dtype(), node.output().shape(), e.getMessage()),
          e);
    }
  }

  engine engine() {
    return engine;
  }

  /** How many threads an operation in Java may use. */
  int threads() {
    return threads;
  }

  List<Step> steps() {
    return steps;
  }

  /** All memory asked for through {@link #scratch}. */
  List<Storage> scratches() {
    return scratches;
  }

  /** Memory for the operation being built, to be shared with others. */
  Storage scratch(long bytes) {
    Storage storage = Storage.intermediate(bytes);
    storage.usedAt(current.step());
    scratches.add(storage);
    return storage;
  }

  /** As {@link #scratch(long)}, as a tensor. */
  CpuTensor scratch(DType dtype, Shape shape) {
    return new CpuTensor(dtype, shape, scratch(shape.elements() * dtype.bytes()), this);
  }

  /** See {@link WeightCache#get}. */
  memory weight(HostTensor weight, memory.desc plain, memory.desc layout) {
    return weights.get(weight, plain, layout);
  }

  /** See {@link WeightCache#get(HostTensor, memory.desc, memory.desc, WeightCache.Layouter)}. */
  memory weight(
      HostTensor weight, memory.desc plain, memory.desc layout, WeightCache.Layouter layouter) {
    return weights.get(weight, plain, layout, layouter);
  }

  /** See {@link WeightCache#derived}. */
  List<HostTensor> derived(Object key, Supplier<List<HostTensor>> make) {
    return weights.derived(key, make);
  }

  /** A bias or another per-channel weight, in float32. */
  memory vector(HostTensor weight) {
    memory.desc plain = OneDnn.vector(DType.F32, weight.shape().elements());
    return weights.get(weight, plain, plain);
  }

  /** A constant of integers below 2²⁴, as 32-bit integers. */
  IntBuffer integers(HostTensor constant) {
    long elements = constant.shape().elements();
    memory laid =
        weights.get(
            constant, OneDnn.vector(DType.F32, elements), OneDnn.vector(DType.I32, elements));
    return new IntPointer(laid.get_data_handle()).capacity(elements).asBuffer();
  }

  /**
   * Adds the primitive described.
   *
   * @param part what it does within the operation, or ""
   */
  PrimitiveStep primitive(String part, primitive_desc_base description) {
    return reusable(part, description).step();
  }

  /** As {@link #primitive}, for any number of steps with different arguments. */
  Reusable reusable(String part, primitive_desc_base description) {
    return new Reusable(
        kind(part),
        description.impl_info_str().getString(),
        new primitive(description.get()),
        description.query_md(query.scratchpad_md));
  }

  /** A primitive of the operation being built. */
  final class Reusable {
    private final String kind;
    private final String implementation;
    private final primitive primitive;
    private final memory.desc scratchpad;
    private Storage scratch; // of all steps: they run one after the other

    private Reusable(
        String kind, String implementation, primitive primitive, memory.desc scratchpad) {
      this.kind = kind;
      this.implementation = implementation;
      this.primitive = primitive;
      this.scratchpad = scratchpad;
    }

    /** Adds a step that runs it. */
    PrimitiveStep step() {
      PrimitiveStep step = new PrimitiveStep(kind, implementation, primitive);
      if (scratchpad.get_size() > 0) {
        if (scratch == null) {
          scratch = StepBuilder.this.scratch(scratchpad.get_size());
        }
        step.with(dnnl.DNNL_ARG_SCRATCHPAD, scratchpad, scratch, 0);
      }
      steps.add(step);
      return step;
    }
  }

  /** Adds a step in Java; see {@link HostStep}. */
  void host(String part, Supplier<Runnable> bind) {
    steps.add(new HostStep(kind(part), bind));
  }

  private String kind(String part) {
    return part.isEmpty() ? current.kind() : current.kind() + " " + part;
  }
}
