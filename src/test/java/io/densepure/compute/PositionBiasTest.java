package io.densepure.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class PositionBiasTest {
  private static final HostTensor TABLE = HostTensor.of("table", Shape.of(2, 3), new float[6]);

  private static HostTensor index(Shape shape, int... entries) {
    ByteBuffer bytes = ByteBuffer.allocate(entries.length);
    for (int entry : entries) {
      bytes.put((byte) entry);
    }
    return new HostTensor("index", DType.I8, shape, bytes.flip());
  }

  @Test
  void knowsItsHeadsAndTokens() {
    PositionBias bias = new PositionBias(TABLE, index(Shape.of(2, 2), 0, 1, 2, 0));
    assertEquals(2, bias.heads());
    assertEquals(2, bias.tokens());
  }

  @Test
  void entriesOutsideOfTheTableAreRefused() {
    for (int entry : new int[] {3, -1}) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> new PositionBias(TABLE, index(Shape.of(2, 2), 0, 1, entry, 0)));
      assertTrue(e.getMessage().contains("holds " + entry), e.getMessage());
    }
  }

  @Test
  void tablesOfOtherShapesOrTypesAreRefused() {
    HostTensor square = index(Shape.of(1, 1), 0);
    for (Runnable wrong :
        new Runnable[] {
          () -> new PositionBias(HostTensor.of("table", Shape.of(3), 1, 2, 3), square),
          () -> new PositionBias(index(Shape.of(1, 1), 0), square),
          () -> new PositionBias(TABLE, index(Shape.of(1, 2), 0, 1)),
          () -> new PositionBias(TABLE, TABLE),
        }) {
      assertThrows(IllegalArgumentException.class, wrong::run);
    }
  }
}
