package io.densepure.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what a test checks out of the documents. */
final class Markdown {
  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w*)\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

  private Markdown() {}

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The fenced blocks of a language, in order. */
  static List<String> blocks(Path file, String language) {
    List<String> blocks = new ArrayList<>();
    Matcher block = BLOCK.matcher(read(file));
    while (block.find()) {
      if (block.group(1).equals(language)) {
        blocks.add(block.group(2));
      }
    }
    return blocks;
  }

  /** The document without its fenced blocks. */
  static String prose(Path file) {
    return BLOCK.matcher(read(file)).replaceAll("");
  }
}
