package io.densepure.pipeline;

import io.densepure.compute.HostTensor;
import io.densepure.weights.WeightStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeSet;

/** A short digest of a set of weights that reads only a little of each tensor. */
final class WeightFingerprint {
  private static final int ENDS = 256;
  private static final int DIGEST_BYTES = 8;

  private WeightFingerprint() {}

  /**
   * Hexadecimal digest of all keys, dtypes, shapes, and the first and last bytes of each tensor.
   */
  static String of(WeightStore weights) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (String key : new TreeSet<>(weights.keys())) {
        HostTensor t = weights.get(key);
        sha.update(t.toString().getBytes(StandardCharsets.UTF_8));
        ByteBuffer bytes = t.data();
        int size = bytes.remaining();
        sha.update(bytes.slice(0, Math.min(ENDS, size)));
        sha.update(bytes.slice(Math.max(0, size - ENDS), Math.min(ENDS, size)));
      }
      return HexFormat.of().formatHex(sha.digest(), 0, DIGEST_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
