package io.densepure.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.cli.Cli;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The classes in {@code docs/embedding.md} compile, run and say what the document says. */
class EmbeddingDocumentTest {
  private static final Path DOCUMENT = Path.of("docs", "embedding.md");
  private static final Pattern CLASS = Pattern.compile("public class (\\w+)");

  /**
   * Compiles a block that is a whole class, runs its main in a JVM of its own, gives its output.
   */
  private static String run(Path dir, String source, String... arguments)
      throws IOException, InterruptedException {
    Matcher name = CLASS.matcher(source);
    assertTrue(name.find(), source);
    Path file = Files.writeString(dir.resolve(name.group(1) + ".java"), source);
    String classPath = System.getProperty("java.class.path");
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter complaints = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<String> options =
          List.of(
              "-cp",
              classPath,
              "-d",
              dir.toString(),
              "-Xlint:all,-classfile,-processing",
              "-Werror",
              "-proc:none");
      boolean compiled =
          compiler
              .getTask(complaints, files, null, options, null, files.getJavaFileObjects(file))
              .call();
      assertTrue(compiled, complaints.toString());
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", dir + File.pathSeparator + classPath, name.group(1)));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    process.getInputStream().transferTo(out);
    String said = out.toString(StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said;
  }

  @Test
  void tenLinesCertify(@TempDir Path dir) throws Exception {
    String said = run(dir, Markdown.blocks(DOCUMENT, "java").get(0));
    assertTrue(said.matches("(?s).*class 0 within 0\\.[3-9]\\d*\\s+predicts 0\\s*"), said);
  }

  @Test
  void theTableIsReadByTheCommands(@TempDir Path dir) throws Exception {
    Path table = dir.resolve("table");
    run(dir, Markdown.blocks(DOCUMENT, "java").get(1), table.toString());
    assertEquals(3, Files.readAllLines(table).size());
    Cli accuracy = Cli.run("accuracy", table);
    assertEquals(0, accuracy.exit(), accuracy.err());
    assertTrue(accuracy.out().contains("table"), accuracy.out());
  }
}
