package io.densepure.certify;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * A journal's lines carry a checksum in their last field, so that a line is what was written or is
 * known not to be: {@code {…,"crc":"9ae0daaf"}}. It is the CRC-32C (RFC 3720) of the line's UTF-8
 * bytes before {@code ,"crc"}; it finds every error of up to 32 bits in a row, and all but one in
 * four billion others.
 */
final class JournalSeal {
  private static final String FIELD = ",\"crc\":\"";
  private static final int LENGTH = FIELD.length() + 8 + "\"}".length();

  private JournalSeal() {}

  /**
   * @param json an object with at least one field
   */
  static String seal(String json) {
    String body = json.substring(0, json.length() - 1);
    return body + FIELD + checksum(body) + "\"}";
  }

  /**
   * Makes sure that the line is one that {@link #seal} made.
   *
   * @throws IllegalArgumentException if it is not
   */
  static void check(String line) {
    int end = line.length() - LENGTH;
    if (end < 0 || !line.startsWith(FIELD, end)) {
      throw new IllegalArgumentException("it does not end with its checksum");
    }
    String body = line.substring(0, end);
    if (!line.equals(body + FIELD + checksum(body) + "\"}")) {
      throw new IllegalArgumentException("its checksum does not match");
    }
  }

  private static String checksum(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return String.format(Locale.ROOT, "%08x", crc.getValue());
  }
}
