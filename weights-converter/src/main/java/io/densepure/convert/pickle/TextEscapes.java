package io.densepure.convert.pickle;

/** The escapes of protocol 0: strings written as Python source, one a line. */
final class TextEscapes {
  private TextEscapes() {}

  /** A quoted Python 2 string, {@code 'caf\xe9'}; null if it is not well formed. */
  static String unquote(String line) {
    int last = line.length() - 1;
    if (last < 1 || line.charAt(0) != line.charAt(last) || "'\"".indexOf(line.charAt(0)) < 0) {
      return null;
    }
    StringBuilder out = new StringBuilder();
    for (int i = 1; i < last; i++) {
      char c = line.charAt(i);
      if (c != '\\') {
        out.append(c);
      } else if (++i >= last) {
        return null;
      } else if (line.charAt(i) == 'x') {
        int code = hex(line, i + 1, Math.min(i + 3, last), 2);
        if (code < 0) {
          return null;
        }
        out.append((char) code);
        i += 2;
      } else {
        int simple = "\\'\"nrt".indexOf(line.charAt(i));
        if (simple < 0) {
          return null;
        }
        out.append("\\'\"\n\r\t".charAt(simple));
      }
    }
    return out.toString();
  }

  /** Raw-unicode-escape: {@code \}{@code u0041} and {@code \U00000041}; null if not well formed. */
  static String unescapeUnicode(String line) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      char kind = i + 1 < line.length() ? line.charAt(i + 1) : 0;
      if (line.charAt(i) != '\\' || (kind != 'u' && kind != 'U')) {
        out.append(line.charAt(i));
        continue;
      }
      int digits = kind == 'u' ? 4 : 8;
      int code = hex(line, i + 2, Math.min(i + 2 + digits, line.length()), digits);
      if (code < 0 || code > Character.MAX_CODE_POINT) {
        return null;
      }
      out.appendCodePoint(code);
      i += 1 + digits;
    }
    return out.toString();
  }

  private static int hex(String text, int from, int to, int digits) {
    if (to - from != digits) {
      return -1;
    }
    int value = 0;
    for (int i = from; i < to; i++) {
      int digit = Character.digit(text.charAt(i), 16);
      if (digit < 0 || value > Integer.MAX_VALUE >> 4) {
        return -1;
      }
      value = value << 4 | digit;
    }
    return value;
  }
}
