package io.densepure.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.certify.DiscreteGaussian;
import io.densepure.certify.Lane;
import io.densepure.data.Dataset;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SoundImagesTest {
  private static final double SIGMA = 0.02;

  /** Images of 2 channels and 1×3 pixels, all alike. */
  private record Small(float... pixels) implements Dataset {
    @Override
    public String name() {
      return "small";
    }

    @Override
    public int size() {
      return 9;
    }

    @Override
    public List<String> classNames() {
      return List.of("a", "b");
    }

    @Override
    public int channels() {
      return 2;
    }

    @Override
    public int height() {
      return 1;
    }

    @Override
    public int width() {
      return 3;
    }

    @Override
    public INDArray image(int index) {
      return Nd4j.createFromArray(pixels).reshape(2, 1, 3);
    }

    @Override
    public int label(int index) {
      return 0;
    }
  }

  @Test
  void addsTheLanesNoiseInWholeLevelsChannelsLast() {
    Dataset data = new Small(0, 1, 2 / 255f, 100 / 255f, 254 / 255f, 0);
    int[] levels = {0, 255, 2, 100, 254, 0};
    assertArrayEquals(levels, SoundImages.levels(data, 3));
    DiscreteGaussian noise = new DiscreteGaussian(SIGMA);
    Lane first = new Lane(3, Lane.Phase.ESTIMATION, 5, 0);
    Lane second = new Lane(4, Lane.Phase.SELECTION, 5, 2);
    float[] batch = new SoundImages(data, noise, 77).batch(List.of(first, second), 4);
    assertEquals(4 * 6, batch.length);
    int slot = 0;
    for (Lane lane : List.of(first, second, second, second)) {
      int[] z = new int[6];
      noise.sample(77, lane.image(), lane.sampleWord(), z);
      for (int c = 0; c < 2; c++) {
        for (int i = 0; i < 3; i++) {
          int at = c * 3 + i;
          assertEquals((levels[at] + z[at]) / 255f, batch[slot * 6 + i * 2 + c]);
        }
      }
      slot++;
    }
    assertTrue(!Arrays.equals(Arrays.copyOf(batch, 6), Arrays.copyOfRange(batch, 6, 12)));
  }

  /** Each whole number has a float of its own, so rounding after the sum loses and adds nothing. */
  @Test
  void levelsStayApart() {
    for (int level = -20_000; level < 20_000; level++) {
      assertTrue(level / SoundImages.LEVELS < (level + 1) / SoundImages.LEVELS, "at " + level);
    }
  }

  @Test
  void imagesBetweenTheLevelsAreRefused() {
    Dataset data = new Small(0, 1, 0.3f, 0, 0, 0);
    InputException e = assertThrows(InputException.class, () -> SoundImages.levels(data, 3));
    assertEquals(
        "--sound certifies 8-bit images, but image 3 of small has a pixel of 0.3, which is no"
            + " multiple of 1/255",
        e.getMessage());
  }
}
