package io.densepure.compute;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * Hands everything on to another device, whose operations are recorded and whose tensors these are;
 * subclasses change a part of it.
 */
public abstract class ForwardingDevice implements Device {
  private final Device device;

  protected ForwardingDevice(Device device) {
    this.device = device;
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
  public Tensor allocate(DType dtype, Shape shape) {
    return device.allocate(dtype, shape);
  }

  @Override
  public void free(Tensor persistent) {
    device.free(persistent);
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
  public Program record(Consumer<Ops> body) {
    return device.record(body);
  }

  @Override
  public Optional<MemoryPlanner> memoryPlanner() {
    return device.memoryPlanner();
  }

  @Override
  public void synchronize() {
    device.synchronize();
  }

  /** Closes the other device. */
  @Override
  public void close() {
    device.close();
  }
}
