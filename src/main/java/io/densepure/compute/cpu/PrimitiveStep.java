package io.densepure.compute.cpu;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.stream;

/** One oneDNN primitive and its arguments. */
final class PrimitiveStep implements Step {
  /** Arguments at an address that is known only after planning; {@code offset} in bytes. */
  private record Placed(int id, memory.desc desc, Storage storage, long offset) {}

  private final String kind;
  private final String implementation;
  private final primitive primitive;
  private final IntMemoryMap arguments = new IntMemoryMap();
  private final List<Placed> placed = new ArrayList<>();

  PrimitiveStep(String kind, String implementation, primitive primitive) {
    this.kind = kind;
    this.implementation = implementation;
    this.primitive = primitive;
  }

  PrimitiveStep with(int id, memory.desc desc, CpuTensor tensor) {
    return with(id, desc, tensor.storage(), 0);
  }

  PrimitiveStep with(int id, memory.desc desc, Storage storage, long offset) {
    placed.add(new Placed(id, desc, storage, offset));
    return this;
  }

  /** An argument that never moves: weights. */
  PrimitiveStep with(int id, memory constant) {
    arguments.put(id, constant);
    return this;
  }

  @Override
  public String kind() {
    return kind;
  }

  @Override
  public String implementation() {
    return implementation;
  }

  @Override
  public void link(engine engine) {
    for (Placed p : placed) {
      arguments.put(p.id, new memory(p.desc, engine, p.storage.memory().getPointer(p.offset)));
    }
  }

  @Override
  public void run(stream stream) {
    primitive.execute(stream, arguments);
  }
}
