package io.densepure.pipeline;

import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.MemoryPlanner;
import io.densepure.compute.Ops;
import io.densepure.compute.Program;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A device that remembers what was allocated and recorded on it through this object, so that work
 * that could be set up only in part can be taken back.
 */
final class UndoableDevice implements Device {
  private final Device device;
  private final Deque<Program> programs = new ArrayDeque<>();
  private final Deque<Tensor> tensors = new ArrayDeque<>();

  UndoableDevice(Device device) {
    this.device = device;
  }

  /** Closes all programs and frees all tensors that are still there; the device stays open. */
  void undo() {
    programs.forEach(Program::close); // a second time does nothing
    programs.clear();
    tensors.forEach(device::free);
    tensors.clear();
  }

  @Override
  public Tensor allocate(DType dtype, Shape shape) {
    Tensor tensor = device.allocate(dtype, shape);
    tensors.push(tensor);
    return tensor;
  }

  @Override
  public void free(Tensor persistent) {
    tensors.removeIf(tensor -> tensor == persistent);
    device.free(persistent);
  }

  @Override
  public Program record(Consumer<Ops> body) {
    Program program = device.record(body);
    programs.push(program);
    return program;
  }

  @Override
  public String description() {
    return device.description();
  }

  @Override
  public String name() {
    return device.name();
  }

  @Override
  public boolean supports(DType dtype) {
    return device.supports(dtype);
  }

  @Override
  public void upload(Tensor persistent, float[] source) {
    device.upload(persistent, source);
  }

  @Override
  public void upload(Tensor persistent, int[] source) {
    device.upload(persistent, source);
  }

  @Override
  public float[] downloadFloats(Tensor persistent) {
    return device.downloadFloats(persistent);
  }

  @Override
  public int[] downloadInts(Tensor persistent) {
    return device.downloadInts(persistent);
  }

  @Override
  public Optional<MemoryPlanner> memoryPlanner() {
    return device.memoryPlanner();
  }

  @Override
  public void synchronize() {
    device.synchronize();
  }

  /** Closes the device itself. */
  @Override
  public void close() {
    device.close();
  }
}
