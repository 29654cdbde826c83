package io.densepure.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Links between the documents, and from them to files, lead somewhere. */
class LinksTest {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("^#+ +(.+)$", Pattern.MULTILINE);
  private static final Set<String> ELSEWHERE = Set.of("target", ".git", ".m2");

  private static List<Path> documents() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(""), 6)) {
      return files
          .filter(f -> f.toString().endsWith(".md"))
          .filter(f -> !ELSEWHERE.contains(f.getName(0).toString()))
          .filter(f -> !f.toString().contains("/target/"))
          .toList();
    }
  }

  /** The anchors that GitHub makes of a document's headings. */
  private static Set<String> anchors(Path document) {
    Set<String> anchors = new HashSet<>();
    Matcher heading = HEADING.matcher(Markdown.prose(document));
    while (heading.find()) {
      String text = heading.group(1).toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "");
      anchors.add(text.strip().replace(' ', '-'));
    }
    return anchors;
  }

  /** Why a link is broken, or null. */
  private static String problem(Path document, String link) {
    if (link.startsWith("http:") || link.startsWith("https:") || link.startsWith("mailto:")) {
      return null;
    }
    URI uri = URI.create(link);
    Path folder = document.toAbsolutePath().getParent();
    Path file = uri.getPath().isEmpty() ? document.toAbsolutePath() : folder.resolve(uri.getPath());
    if (!Files.exists(file)) {
      return document + ": " + link + " leads nowhere";
    }
    if (uri.getFragment() != null && !anchors(file).contains(uri.getFragment())) {
      return document + ": " + link + ": no such heading";
    }
    return null;
  }

  @Test
  void linksLeadSomewhere() throws IOException {
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (Path document : documents()) {
      Matcher link = LINK.matcher(Markdown.prose(document));
      while (link.find()) {
        links++;
        String problem = problem(document, link.group(1));
        if (problem != null) {
          broken.add(problem);
        }
      }
    }
    assertEquals(List.of(), broken);
    assertTrue(links > 40, "only " + links + " links were found: is the pattern right?");
  }

  @Test
  void theReadmeListsEveryDocument() throws IOException {
    String index = Markdown.read(Path.of("docs", "README.md"));
    try (Stream<Path> files = Files.list(Path.of("docs"))) {
      List<String> unlisted =
          files
              .map(f -> f.getFileName().toString())
              .filter(f -> f.endsWith(".md") && !f.equals("README.md"))
              .filter(f -> !index.contains("(" + f + ")"))
              .toList();
      assertEquals(List.of(), unlisted, "docs/README.md does not link to them");
    }
    assertTrue(Markdown.read(Path.of("README.md")).contains("(docs/README.md)"));
  }
}
