package io.densepure.compute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every case of {@link OpCases} on a device against {@link ReferenceDevice}, in each dtype the
 * device supports. Each case runs twice: on persistent tensors with the result going straight into
 * one, and between intermediate results, where memory is shared and reused. Guards beside the
 * result in both kinds of memory, and the inputs, must come out untouched.
 */
public interface OpContract {
  Device open();

  /** What is to be run; every operation must be among them. */
  default List<OpCase> cases() {
    return OpCases.all();
  }

  /**
   * Whether 16-bit convolutions and linear layers add bias and residual to the float32 sum. Some
   * libraries round one of the two first.
   */
  default boolean addsInFloat32() {
    return true;
  }

  /** The worst case of one operation in one dtype. */
  record Worst(int cases, double share, double error, String variant) {
    Worst and(Worst other) {
      Worst larger = other.share > share ? other : this;
      return new Worst(cases + other.cases, larger.share, larger.error, larger.variant);
    }
  }

  @TestFactory
  default Stream<DynamicTest> everyOperationMatchesTheReference() {
    Device device = open();
    Map<String, Worst> worst = new LinkedHashMap<>();
    List<DynamicTest> tests = new ArrayList<>();
    for (DType dtype : List.of(DType.F32, DType.BF16, DType.F16)) {
      for (OpCase c : cases()) {
        if (c.runsOn(device, dtype)) {
          tests.add(
              DynamicTest.dynamicTest(
                  dtype.label() + " " + c.id(),
                  () ->
                      worst.merge(
                          c.op() + " " + dtype.label(), check(device, c, dtype), Worst::and)));
        }
      }
    }
    int expected = tests.size();
    tests.add(
        DynamicTest.dynamicTest(
            "every operation was run",
            () -> {
              report(device, worst);
              assertEquals(expected, worst.values().stream().mapToInt(Worst::cases).sum());
              long operations =
                  worst.keySet().stream().map(k -> k.split(" ")[0]).distinct().count();
              assertEquals(OpCases.all().stream().map(OpCase::op).distinct().count(), operations);
            }));
    return tests.stream().onClose(device::close);
  }

  private static void report(Device device, Map<String, Worst> worst) {
    System.out.println(device.description());
    worst.forEach(
        (name, w) ->
            System.out.printf(
                "  %-26s %3d cases, error at most %.1e, %3.0f %% of the tolerance (%s)%n",
                name, w.cases, w.error, 100 * w.share, w.variant));
  }

  private Worst check(Device device, OpCase c, DType dtype) {
    try (Device reference = new ReferenceDevice()) {
      Object expected = run(reference, c, dtype, false);
      Worst persistent = compare(c, dtype, expected, run(device, c, dtype, false));
      Worst intermediate = compare(c, dtype, expected, run(device, c, dtype, true));
      Worst both = persistent.and(intermediate);
      return new Worst(1, both.share, both.error, both.variant);
    }
  }

  /** The result as {@code float[]} or {@code int[]}. */
  private static Object run(Device device, OpCase c, DType dtype, boolean intermediate) {
    List<Tensor> in = c.inputs().stream().map(i -> i.upload(device, dtype)).toList();
    List<Object> before = in.stream().map(t -> download(device, t)).toList();
    float[] pattern = new float[64];
    Arrays.fill(pattern, 1234.5f);
    Tensor guard = device.allocate(DType.F32, Shape.of(pattern.length));
    Tensor guardAfter = device.allocate(DType.F32, guard.shape());
    device.upload(guard, pattern);
    Tensor[] out = new Tensor[2];
    try (Program program =
        device.record(
            ops -> {
              Tensor inner = ops.combine(1, guard, 0, null, 0);
              List<Tensor> given = intermediate ? in.stream().map(t -> copy(ops, t)).toList() : in;
              Tensor result = c.body().record(ops, given);
              out[0] = device.allocate(result.dtype(), result.shape());
              out[1] = device.allocate(DType.F32, guard.shape());
              device.upload(out[1], pattern);
              ops.assign(out[0], intermediate ? copy(ops, result) : result);
              ops.assign(guardAfter, inner);
            })) {
      program.run();
      device.synchronize();
    }
    for (Tensor untouched : List.of(guard, guardAfter, out[1])) {
      assertArrayEquals(pattern, device.downloadFloats(untouched), "wrote beyond its memory");
    }
    for (int i = 0; i < in.size(); i++) {
      assertSame(before.get(i), download(device, in.get(i)), "input " + i + " was overwritten");
    }
    Object result = download(device, out[0]);
    in.forEach(device::free);
    Stream.of(guard, guardAfter, out[0], out[1]).forEach(device::free);
    return result;
  }

  /** A copy inside the program; integers have none. */
  private static Tensor copy(Ops ops, Tensor t) {
    return t.dtype() == DType.I32 ? t : ops.activate(t, Activation.NONE);
  }

  private static Object download(Device device, Tensor t) {
    return t.dtype() == DType.I32 ? device.downloadInts(t) : device.downloadFloats(t);
  }

  private static void assertSame(Object expected, Object actual, String message) {
    if (expected instanceof int[] ints) {
      assertArrayEquals(ints, (int[]) actual, message);
    } else {
      assertArrayEquals((float[]) expected, (float[]) actual, message);
    }
  }

  private Worst compare(OpCase c, DType dtype, Object expected, Object actual) {
    if (expected instanceof int[] ints) {
      assertArrayEquals(ints, (int[]) actual);
      return new Worst(1, 0, 0, c.variant());
    }
    return compare(c, c.result(dtype).dtype(), (float[]) expected, (float[]) actual);
  }

  private Worst compare(OpCase c, DType resultType, float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length);
    double magnitude = 0;
    for (float r : expected) {
      magnitude = Float.isFinite(r) ? Math.max(magnitude, Math.abs(r)) : magnitude;
    }
    Worst worst = new Worst(1, 0, 0, c.variant());
    for (int i = 0; i < expected.length; i++) {
      float r = expected[i];
      float a = actual[i];
      if (r == a || Float.isNaN(r) && Float.isNaN(a)) {
        continue;
      }
      double error = Math.abs((double) r - a);
      double allowed = c.precision().allowed(resultType, r, magnitude, addsInFloat32());
      assertTrue(
          error <= allowed,
          "element %d: expected %s but was %s, error %.2e, allowed %.2e"
              .formatted(i, r, a, error, allowed));
      worst = worst.and(new Worst(0, error / allowed, error, c.variant()));
    }
    return worst;
  }
}
