package io.densepure.certify;

import io.densepure.InputException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One machine's share of a run.
 *
 * @param index its number, from 1
 * @param count how many there are, up to 100 000
 */
public record Shard(int index, int count) {
  private static final int MAX_COUNT = 100_000;
  private static final Pattern TEXT = Pattern.compile("(\\d{1,6})/(\\d{1,6})");

  public Shard {
    if (count < 1 || count > MAX_COUNT) {
      throw InputException.of("a run can have 1 to %d shards, not %d", MAX_COUNT, count);
    }
    if (index < 1 || index > count) {
      throw InputException.of(
          "shards are counted from 1: there is no shard %d of %d", index, count);
    }
  }

  /**
   * @param text as {@code 2/8}
   */
  public static Shard parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw InputException.of(
          "a shard is given as I/N, such as 2/8 for the second of eight, not %s",
          InputException.quote(text));
    }
    return new Shard(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)));
  }

  /** Where the shard begins in a list of {@code total} copies; shards differ by one at most. */
  long from(long total) {
    return total / count * (index - 1) + Math.min(index - 1, total % count);
  }

  /** One past the shard's last copy in a list of {@code total}. */
  long to(long total) {
    return total / count * index + Math.min(index, total % count);
  }

  /** What the names of its files have that those of the whole run do not. */
  public String suffix() {
    return ".shard-" + index + "-of-" + count;
  }

  @Override
  public String toString() {
    return index + "/" + count;
  }
}
