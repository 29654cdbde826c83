package io.densepure.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.DeviceException;
import io.densepure.DeviceMemoryException;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A device with little memory: smaller batches, and nothing left of those that did not fit. */
class LargestBatchTest {
  private final List<Tensor> live = new ArrayList<>();
  private final List<String> said = new ArrayList<>();

  /** Has room for so many elements; knows nothing but tensors. */
  private Device device(long room) {
    return (Device)
        Proxy.newProxyInstance(
            Device.class.getClassLoader(),
            new Class<?>[] {Device.class},
            (proxy, method, args) ->
                switch (method.getName()) {
                  case "allocate" -> allocate((Shape) args[1], room);
                  case "free" -> live.remove((Tensor) args[0]);
                  default -> "small";
                });
  }

  private Tensor allocate(Shape shape, long room) {
    if (shape.elements() + live.stream().mapToLong(t -> t.shape().elements()).sum() > room) {
      throw new DeviceMemoryException("no room for " + shape);
    }
    Tensor tensor =
        (Tensor)
            Proxy.newProxyInstance(
                Tensor.class.getClassLoader(),
                new Class<?>[] {Tensor.class},
                (proxy, method, args) ->
                    switch (method.getName()) {
                      case "equals" -> proxy == args[0];
                      case "hashCode" -> shape.hashCode();
                      default -> shape;
                    });
    live.add(tensor);
    return tensor;
  }

  private static int twoTensors(Device device, int batch) {
    device.allocate(DType.F32, Shape.of(batch, 10));
    device.allocate(DType.F32, Shape.of(batch, 20));
    return batch;
  }

  @Test
  void halvesTheBatchUntilItFitsAndSaysSo() {
    assertEquals(8, LargestBatch.open(device(300), 32, LargestBatchTest::twoTensors, said::add));
    assertEquals(
        List.of(
            "small: no memory for batches of 32; trying 16",
            "small: no memory for batches of 16; trying 8"),
        said);
    assertEquals(240, live.stream().mapToLong(t -> t.shape().elements()).sum());
  }

  @Test
  void isToldWhenNotEvenOneFits() {
    DeviceException e =
        assertThrows(
            DeviceException.class,
            () -> LargestBatch.open(device(29), 4, LargestBatchTest::twoTensors, said::add));
    assertEquals(
        "small: no memory even for one image at a time: no room for [1, 20]", e.getMessage());
    assertEquals(2, said.size());
    assertTrue(live.isEmpty(), live.size() + " tensors are left");
  }

  @Test
  void otherErrorsAreNotTriedAgainAndLeaveNothing() {
    assertThrows(
        IllegalStateException.class,
        () ->
            LargestBatch.open(
                device(1000),
                4,
                (device, batch) -> {
                  twoTensors(device, batch);
                  throw new IllegalStateException();
                },
                said::add));
    assertTrue(said.isEmpty() && live.isEmpty());
  }
}
