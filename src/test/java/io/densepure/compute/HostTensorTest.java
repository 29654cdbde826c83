package io.densepure.compute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.FloatBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HostTensorTest {
  /** It reads like a stored one, and is made anew each time rather than kept. */
  @Test
  void aComputedTensorIsMadeWhenItIsRead() {
    AtomicInteger calls = new AtomicInteger();
    HostTensor t =
        HostTensor.computed(
            "made",
            Shape.of(3),
            () -> {
              calls.incrementAndGet();
              return new float[] {1, 2, 0.1f};
            });
    assertEquals(0, calls.get());
    assertEquals(DType.F32, t.dtype());
    assertEquals(Shape.of(3), t.shape());
    assertArrayEquals(new float[] {1, 2, 0.1f}, t.toFloats());
    assertArrayEquals(new double[] {1, 2, 0.1f}, t.toDoubles());
    float[] stored = new float[3];
    FloatBuffer data = t.data().asFloatBuffer();
    data.get(stored);
    assertArrayEquals(new float[] {1, 2, 0.1f}, stored);
    assertEquals(3, calls.get());
  }
}
