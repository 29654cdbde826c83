package io.densepure.pipeline;

import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.ForwardingDevice;
import io.densepure.compute.Ops;
import io.densepure.compute.Program;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * A device that remembers what was allocated and recorded on it through this object, so that work
 * that could be set up only in part can be taken back.
 */
final class UndoableDevice extends ForwardingDevice {
  private final Deque<Program> programs = new ArrayDeque<>();
  private final Deque<Tensor> tensors = new ArrayDeque<>();

  UndoableDevice(Device device) {
    super(device);
  }

  /** Closes all programs and frees all tensors that are still there; the device stays open. */
  void undo() {
    programs.forEach(Program::close); // a second time does nothing
    programs.clear();
    tensors.forEach(super::free);
    tensors.clear();
  }

  @Override
  public Tensor allocate(DType dtype, Shape shape) {
    Tensor tensor = super.allocate(dtype, shape);
    tensors.push(tensor);
    return tensor;
  }

  @Override
  public void free(Tensor persistent) {
    tensors.removeIf(tensor -> tensor == persistent);
    super.free(persistent);
  }

  @Override
  public Program record(Consumer<Ops> body) {
    Program program = super.record(body);
    programs.push(program);
    return program;
  }
}
