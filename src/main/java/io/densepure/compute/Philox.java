package io.densepure.compute;

/**
 * Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") and the normal
 * numbers made from it. Counter-based: number i of a lane is a pure function of (seed, image,
 * sample, stream, i), so batch size, device count, order, sharding and resume never change it.
 *
 * <p>A lane's key is five words: the seed (low, high), then image, sample and stream, which are
 * counter words 1, 2, 3; counter word 0 is the block. Block j yields elements 4j … 4j+3 of the
 * image in {@code [C, H, W]} order.
 *
 * <p>Normal numbers come from Box–Muller in float32, with the operations of {@link #normals} in
 * exactly that order and no fused multiply-add, so that every backend yields the same bits.
 */
public final class Philox {
  private static final int M0 = 0xD2511F53;
  private static final int M1 = 0xCD9E8D57;
  private static final int W0 = 0x9E3779B9;
  private static final int W1 = 0xBB67AE85;
  private static final int ROUNDS = 10;

  private Philox() {}

  /** Writes the five key words of one lane into {@code keys} at {@code offset}. */
  public static void laneKey(long seed, int image, int sample, int stream, int[] keys, int offset) {
    keys[offset] = (int) seed;
    keys[offset + 1] = (int) (seed >>> 32);
    keys[offset + 2] = image;
    keys[offset + 3] = sample;
    keys[offset + 4] = stream;
  }

  /**
   * The four random words of counter (c0, c1, c2, c3) under key (k0, k1), written to {@code
   * out[0..3]}.
   */
  public static void block(int c0, int c1, int c2, int c3, int k0, int k1, int[] out) {
    for (int r = 0; r < ROUNDS; r++) {
      long p0 = (M0 & 0xffffffffL) * (c0 & 0xffffffffL);
      long p1 = (M1 & 0xffffffffL) * (c2 & 0xffffffffL);
      int n0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      int n2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c1 = (int) p1;
      c3 = (int) p0;
      c0 = n0;
      c2 = n2;
      k0 += W0;
      k1 += W1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }

  /**
   * Elements {@code 0 … count−1} of a lane's normal numbers, in {@code [C, H, W]} order.
   *
   * @param keys lane keys, five words each
   * @param lane which lane
   * @param out receives {@code count} values from {@code offset} on
   */
  public static void lane(int[] keys, int lane, int count, float[] out, int offset) {
    int k = lane * Ops.NOISE_KEY_WORDS;
    int[] words = new int[4];
    float[] four = new float[4];
    for (int i = 0; i < count; i += 4) {
      block(i >> 2, keys[k + 2], keys[k + 3], keys[k + 4], keys[k], keys[k + 1], words);
      normals(words, four);
      System.arraycopy(four, 0, out, offset + i, Math.min(4, count - i));
    }
  }

  /** Four random words to four standard normal numbers: Box–Muller on (w₀, w₁) and on (w₂, w₃). */
  public static void normals(int[] words, float[] out) {
    for (int p = 0; p < 4; p += 2) {
      float radius = (float) Math.sqrt(-2f * logUniform(words[p]));
      // The two top bits choose the quadrant; the rest is an angle in [-pi/4, pi/4).
      float angle = (float) (words[p + 1] << 2) * 0x1.921fb6p-32f;
      float z = angle * angle;
      float sin =
          ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * angle + angle;
      float cos =
          ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z
              - 0.5f * z
              + 1f;
      int quadrant = words[p + 1] >>> 30;
      float a = (quadrant & 1) == 0 ? cos : sin;
      float b = (quadrant & 1) == 0 ? sin : cos;
      out[p] = radius * (quadrant == 1 || quadrant == 2 ? -a : a);
      out[p + 1] = radius * (quadrant >= 2 ? -b : b);
    }
  }

  /**
   * ln((w + 0.5)·2⁻³²) in float32 for an unsigned word; the polynomial is that of Cephes' logf. At
   * most 0.
   */
  private static float logUniform(int word) {
    float u = ((float) (word & 0xffffffffL) + 0.5f) * 0x1p-32f;
    int bits = Float.floatToRawIntBits(u);
    int exponent = (bits >>> 23) - 126;
    float m = Float.intBitsToFloat((bits & 0x007fffff) | 0x3f000000); // in [0.5, 1)
    if (m < 0.70710678f) {
      exponent -= 1;
      m = m + m;
    }
    float x = m - 1f;
    float z = x * x;
    float y = 7.0376836292e-2f * x - 1.1514610310e-1f;
    y = y * x + 1.1676998740e-1f;
    y = y * x - 1.2420140846e-1f;
    y = y * x + 1.4249322787e-1f;
    y = y * x - 1.6668057665e-1f;
    y = y * x + 2.0000714765e-1f;
    y = y * x - 2.4999993993e-1f;
    y = y * x + 3.3333331174e-1f;
    y = y * x * z;
    float e = (float) exponent;
    y = y + -2.12194440e-4f * e;
    y = y - 0.5f * z;
    return (x + y) + 0.693359375f * e;
  }
}
