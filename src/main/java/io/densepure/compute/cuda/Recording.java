package io.densepure.compute.cuda;

import io.densepure.compute.ArenaPlan;
import io.densepure.compute.DType;
import io.densepure.compute.Shape;
import java.util.ArrayList;
import java.util.List;

/** The steps of a program while it is being recorded, and what memory each of them needs. */
final class Recording {
  private final DeviceMemory memory;
  private final List<Runnable> steps = new ArrayList<>();
  private final List<Storage> intermediates = new ArrayList<>();

  /**
   * @param memory of the device that the program will run on
   */
  Recording(DeviceMemory memory) {
    this.memory = memory;
  }

  /**
   * An intermediate result, to be filled by a later step.
   *
   * @throws IllegalArgumentException if the device cannot store {@code dtype}
   */
  CudaTensor intermediate(DType dtype, Shape shape) {
    memory.requireStorable(dtype);
    return new CudaTensor(dtype, shape, intermediate(shape.elements() * dtype.bytes()));
  }

  /** Unnamed memory, whose contents last from the first step that touches it to the last. */
  Storage intermediate(long bytes) {
    Storage storage = Storage.intermediate(bytes, memory, this);
    intermediates.add(storage);
    return storage;
  }

  /**
   * Appends a step.
   *
   * @param enqueue puts the work on the stream and returns; called for each run or for each capture
   * @param touched everything that the step reads or writes
   */
  void step(Runnable enqueue, Storage... touched) {
    for (Storage s : touched) {
      if (s != null) {
        s.requireIn(memory);
        s.usedBy(this, steps.size());
      }
    }
    steps.add(enqueue);
  }

  /** As {@link #step(Runnable, Storage...)}; null tensors are allowed. */
  void step(Runnable enqueue, CudaTensor... touched) {
    Storage[] storages = new Storage[touched.length];
    for (int i = 0; i < touched.length; i++) {
      storages[i] = touched[i] == null ? null : touched[i].storage();
    }
    step(enqueue, storages);
  }

  List<Runnable> steps() {
    return steps;
  }

  /** The intermediate results that some step touches, in the order of {@link #plan}. */
  List<Storage> used() {
    return intermediates.stream().filter(Storage::isUsed).toList();
  }

  /** Where each of {@link #used} goes. */
  ArenaPlan plan() {
    return ArenaPlan.of(used().stream().map(Storage::block).toList());
  }
}
