package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.certify.Lane.Phase;
import io.densepure.compute.Philox;
import org.junit.jupiter.api.Test;

/**
 * Floating-point noise can certify what is false (Voráček and Hein, ICLR 2023). Adding x to noise
 * rounds the sum to multiples of what x's magnitude allows, and the sum of a pixel that is nearly
 * cancelled shows it: a classifier that looks at the last bits of small pixels knows x from a
 * neighbour, however much noise there is. With noise in whole 255ths it sees the same numbers
 * around both.
 */
class FalseCertificateTest {
  private static final double SIGMA = 0.25;
  private static final double ALPHA = 0.001;
  private static final int PIXELS = 28 * 28;
  private static final int COPIES = 1000;
  private static final int BLACK = 0;
  private static final int NEIGHBOUR = 5; // of 255, in every pixel

  /** Noisy copy {@code copy} of an image of one colour. */
  private interface Noise {
    float[] noisy(int level, int copy);
  }

  /** x + sigma·noise in float32, as the device computes it. */
  private static float[] floats(int level, int copy) {
    int[] key = new int[5];
    Philox.laneKey(1, level, copy, 0, key, 0);
    float[] pixels = new float[PIXELS];
    Philox.lane(key, 0, PIXELS, pixels, 0);
    for (int i = 0; i < PIXELS; i++) {
      pixels[i] = level / 255f + (float) SIGMA * pixels[i];
    }
    return pixels;
  }

  private static Noise discrete() {
    DiscreteGaussian noise = new DiscreteGaussian(SIGMA);
    return (level, copy) -> {
      int[] z = new int[PIXELS];
      noise.sample(1, level, copy, z);
      float[] pixels = new float[PIXELS];
      for (int i = 0; i < PIXELS; i++) {
        pixels[i] = (level + z[i]) / 255f;
      }
      return pixels;
    };
  }

  /**
   * Class 1 if some small pixel is no multiple of 2^-30: of black images, and of no lighter one.
   */
  private static int classify(float[] pixels) {
    for (float pixel : pixels) {
      if (Math.abs(pixel) < 0x1p-7f && pixel * 0x1p30f != Math.rint(pixel * 0x1p30f)) {
        return 1;
      }
    }
    return 0;
  }

  private static VoteBoard board(Noise noise, int level) {
    SamplingPlan plan = new SamplingPlan(100, COPIES, 1);
    VoteBoard board = new VoteBoard(level, plan, 2);
    for (int i = 0; i < plan.lanes(); i++) {
      board.set(i, classify(noise.noisy(level, plan.lane(level, i).sampleWord())));
    }
    return board;
  }

  private static double distance() {
    return Math.sqrt(PIXELS) * NEIGHBOUR / 255;
  }

  @Test
  void floatsCertifyWhatIsFalse() {
    VoteCertifier certifier = new VoteCertifier(SIGMA, ALPHA);
    Certificate black = certifier.certify(board(FalseCertificateTest::floats, BLACK));
    assertEquals(1, black.prediction());
    assertTrue(black.radius() > distance(), black + " within " + distance());

    VoteBoard neighbour = board(FalseCertificateTest::floats, NEIGHBOUR);
    assertEquals(0, neighbour.counts(Phase.ESTIMATION)[1], "never class 1, though certified");
  }

  @Test
  void discreteNoiseDoesNot() {
    VoteCertifier certifier = new VoteCertifier(SIGMA, ALPHA);
    Noise noise = discrete();
    SoundCertificates sound =
        new SoundCertificates(SIGMA, ALPHA, DiscreteGaussian.variation(SIGMA));
    Certificate black = sound.of(certifier.certify(board(noise, BLACK)));
    Certificate neighbour = sound.of(certifier.certify(board(noise, NEIGHBOUR)));
    boolean contradiction =
        !black.abstains()
            && black.radius() > distance()
            && neighbour.prediction() != black.prediction();
    assertFalse(contradiction, black + " against " + neighbour);
    assertEquals(black.prediction(), neighbour.prediction(), "the same numbers around both");
  }
}
