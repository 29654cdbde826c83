package io.densepure.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One self-contained HTML page for finished runs. It loads nothing: styles, scripts, data and
 * pictures are inside, and its content security policy forbids everything else, scripts other than
 * its own included. All that comes from files is data to its scripts.
 *
 * @param title of the page
 * @param runs at least one
 * @param classNames in label order; none to take those of a journal, or numbers
 * @param version of the program, for the page's foot
 */
public record ReportPage(
    String title, List<FinishedRun> runs, List<String> classNames, String version) {
  private static final List<String> SCRIPTS = List.of("page.js", "curves.js", "images.js");
  private static final Pattern SLOT = Pattern.compile("\\{\\{(\\w+)}}");

  /**
   * Writes the page; makes its folder if need be.
   *
   * @throws InputException naming the run that cannot be read, or the page if it cannot be written
   */
  public void write(Path file) {
    ObjectNode data = new ReportData(runs, classNames, version).json();
    StringBuilder script = new StringBuilder();
    SCRIPTS.forEach(name -> script.append(resource(name)));
    String style = resource("page.css");
    String page =
        fill(
            resource("page.html"),
            Map.of(
                "title", escape(title),
                "policy", policy(style, script.toString()),
                "style", style,
                "script", script.toString(),
                "data", harmless(data.toString())));
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, page);
    } catch (IOException e) {
      throw InputException.unwritable(file, e);
    }
  }

  /** Fills all slots at once, so that nothing filled in is taken for a slot. */
  private static String fill(String template, Map<String, String> slots) {
    return SLOT.matcher(template).replaceAll(m -> Matcher.quoteReplacement(slots.get(m.group(1))));
  }

  private static String policy(String style, String script) {
    return "default-src 'none'; img-src data:; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'"
        .formatted(sha256(style), sha256(script));
  }

  private static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The same JSON without characters that could end the element around it. */
  private static String harmless(String json) {
    return json.replace("&", "\\u0026")
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029");
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private static String resource(String name) {
    try (InputStream in = ReportPage.class.getResourceAsStream("/report/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
