package io.densepure.certify;

import io.densepure.InputException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A row of the original's results table, whose columns are separated by tabs.
 *
 * @param radius certified L2 radius; printed with three significant digits
 * @param time how long the image took, as Python prints a timedelta; null where the table has no
 *     such column, as merged ones
 */
public record ResultRow(
    int idx, int label, int predict, double radius, boolean correct, String time) {
  /** The first line of a table without times. */
  public static final String HEADER = "idx\tlabel\tpredict\tradius\tcorrect";

  /** The first line of a table with times. */
  public static final String HEADER_WITH_TIME = HEADER + "\ttime";

  private static final Pattern TIME =
      Pattern.compile("(?:(\\d{1,6}) days?, )?(\\d{1,2}):(\\d\\d):(\\d\\d(?:\\.\\d{1,9})?)");
  private static final int COLUMNS = 5;
  private static final long MAX_BYTES = 64 << 20; // a million rows

  /** The line in the table, without its end. */
  public String toTsv() {
    String row =
        String.join(
            "\t",
            Integer.toString(idx),
            Integer.toString(label),
            Integer.toString(predict),
            PythonFormat.radius3(radius),
            correct ? "1" : "0");
    return time == null ? row : row + "\t" + time;
  }

  /** The time in seconds; NaN if there is none, or it is no timedelta. */
  public double seconds() {
    Matcher t = TIME.matcher(time == null ? "" : time);
    if (!t.matches()) {
      return Double.NaN;
    }
    double days = t.group(1) == null ? 0 : Integer.parseInt(t.group(1));
    return ((days * 24 + Integer.parseInt(t.group(2))) * 60 + Integer.parseInt(t.group(3))) * 60
        + Double.parseDouble(t.group(4));
  }

  /**
   * The rows of a table that this program or the original wrote, with or without times.
   *
   * @throws InputException naming the file and the line that is wrong
   */
  public static List<ResultRow> read(Path file) {
    List<String> lines = lines(file);
    if (lines.isEmpty() || !lines.get(0).startsWith(HEADER)) {
      throw InputException.of(
          "%s: is no table of results: it must begin with '%s'", file, HEADER.replace('\t', ' '));
    }
    List<ResultRow> rows = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        rows.add(parse(lines.get(i), file + ", line " + (i + 1)));
      }
    }
    return rows;
  }

  private static List<String> lines(Path file) {
    if (!Files.isRegularFile(file)) {
      throw InputException.of("%s: no such file", file);
    }
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw InputException.of("%s: is too long for a table of results", file);
      }
      return Files.readAllLines(file);
    } catch (MalformedInputException e) {
      throw new InputException(file + ": is not text", e);
    } catch (IOException e) {
      throw InputException.unreadable(file, e);
    }
  }

  private static ResultRow parse(String line, String where) {
    String[] columns = line.split("\t");
    if (columns.length < COLUMNS || columns.length > COLUMNS + 1) {
      throw InputException.of(
          "%s: has %d columns, not %d or %d", where, columns.length, COLUMNS, COLUMNS + 1);
    }
    try {
      return new ResultRow(
          Integer.parseInt(columns[0].strip()),
          Integer.parseInt(columns[1].strip()),
          Integer.parseInt(columns[2].strip()),
          number(columns[3].strip()),
          flag(columns[4].strip()),
          columns.length > COLUMNS ? columns[COLUMNS].strip() : null);
    } catch (NumberFormatException e) {
      throw new InputException(where + ": is no row of results: " + e.getMessage(), e);
    }
  }

  private static double number(String text) {
    return switch (text) {
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      case "nan" -> Double.NaN;
      default -> Double.parseDouble(text);
    };
  }

  private static boolean flag(String text) {
    return switch (text) {
      case "0" -> false;
      case "1" -> true;
      default -> throw new NumberFormatException("correct must be 0 or 1, not \"" + text + "\"");
    };
  }
}
