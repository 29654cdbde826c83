package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.report.Picture;
import io.densepure.report.PictureFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in a page, from its data; what it looks like is ReportInBrowserTest's. */
class ReportCommandTest {
  private static final String HEADER = "idx\tlabel\tpredict\tradius\tcorrect\ttime\n";

  @TempDir private Path folder;

  private JsonNode report(Object... runs) throws IOException {
    Path page = folder.resolve("pages/report.html");
    Object[] args = new Object[runs.length + 3];
    args[0] = "report";
    System.arraycopy(runs, 0, args, 1, runs.length);
    args[runs.length + 1] = "--out";
    args[runs.length + 2] = page;
    Cli cli = Cli.run(args);
    assertEquals(0, cli.exit(), cli.err());
    String html = Files.readString(page);
    String start = "<script type=\"application/json\" id=\"data\">";
    int from = html.indexOf(start) + start.length();
    return new ObjectMapper().readTree(html.substring(from, html.indexOf("</script>", from)));
  }

  @Test
  void theOriginalsTableIsEnough() throws IOException {
    Path table = folder.resolve("table");
    Files.writeString(
        table,
        HEADER
            + "0\t3\t3\t0.5\t1\t0:01:00.500000\n20\t1\t2\t0.2\t0\t0:00:01\n"
            + "40\t1\t-1\t0.0\t0\t1 day, 0:00:00\n");
    JsonNode data = report("mine=" + table);
    JsonNode run = data.at("/runs/0");
    assertEquals("mine", run.get("name").asText());
    assertEquals(60.5 + 1 + 86400, run.get("seconds").asDouble());
    assertEquals(1 / 3.0, run.get("abstained").asDouble());
    assertTrue(run.get("saved").isNull());
    assertEquals("[0.0,0.1,0.2,0.3,0.4,0.5]", data.get("radii").toString());
    assertEquals("correct", run.at("/images/0/outcome").asText());
    assertEquals("wrong", run.at("/images/1/outcome").asText());
    assertEquals("abstained", run.at("/images/2/outcome").asText());
    assertFalse(run.at("/images/0").has("bound"));
  }

  @Test
  void aJournalTellsMore() throws IOException {
    Path out = folder.resolve("run");
    Object[] certify = {
      "certify",
      "--ids",
      "5,3,9",
      "--n0",
      3,
      "--n",
      10,
      "--sigma",
      0.25,
      "--steps",
      2,
      "--votes",
      3,
      "--backend",
      "cpu",
      "--out",
      out,
      "--pictures",
      2,
      "--exhaustive"
    };
    Cli cli = Cli.run(certify);
    assertEquals(0, cli.exit(), cli.err());
    Path table = folder.resolve("run_diffpure");
    Path pictures = folder.resolve("run_diffpure.pictures");
    Set<String> saved = new TreeSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(pictures)) {
      files.forEach(file -> saved.add(file.getFileName().toString()));
    }
    assertEquals(
        Set.of(
            "3-image.png",
            "3-noisy.png",
            "3-vote1.png",
            "3-vote2.png",
            "3-vote3.png",
            "5-image.png",
            "5-noisy.png",
            "5-vote1.png",
            "5-vote2.png",
            "5-vote3.png"),
        saved);
    byte[] vote = Files.readAllBytes(pictures.resolve("3-vote3.png"));

    JsonNode data = report(table);
    JsonNode run = data.at("/runs/0");
    assertEquals("2 steps, 3 votes", run.get("method").asText());
    assertEquals("0.25", run.at("/configuration/sigma").asText());
    assertEquals(0, run.get("saved").asDouble());
    assertEquals("Ankle boot", data.at("/classNames/9").asText());
    assertEquals(10, data.get("pictures").size());
    for (JsonNode image : run.get("images")) {
      int copies = 0;
      for (JsonNode count : image.get("counts")) {
        copies += count.get(1).asInt();
      }
      assertEquals(10, copies);
      assertTrue(image.get("bound").asDouble() <= 1);
    }
    assertEquals(
        run.get("images").toString(), report(table + ".run.jsonl").at("/runs/0/images") + "");

    // Lanes are pure functions: asked again, alone and in another batch, the same pixels come out.
    assertEquals(0, Cli.run(with(certify, "--ids", "3", "--restart", "--batch", 1)).exit());
    assertFalse(Files.exists(pictures.resolve("5-image.png")), "pictures of the earlier run");
    assertEquals(-1, Arrays.mismatch(vote, Files.readAllBytes(pictures.resolve("3-vote3.png"))));
  }

  private static Object[] with(Object[] command, Object... more) {
    Object[] all = Arrays.copyOf(command, command.length + more.length - 2);
    all[2] = more[1];
    System.arraycopy(more, 2, all, command.length, more.length - 2);
    return all;
  }

  /** 500 images with 1,500 pictures that do not compress: the page says what it leaves out. */
  @Test
  void largeRunsStayUsable() throws IOException {
    Path table = folder.resolve("large");
    PictureFiles files = new PictureFiles(folder.resolve("large.pictures"));
    files.begin();
    Random random = new Random(1);
    StringBuilder rows = new StringBuilder(HEADER);
    for (int i = 0; i < 500; i++) {
      rows.append(i).append("\t1\t1\t0.5\t1\t0:00:01\n");
      for (Path png : new Path[] {files.image(i), files.noisy(i), files.vote(i, 1)}) {
        float[] pixels = new float[3 * 40 * 40];
        for (int p = 0; p < pixels.length; p++) {
          pixels[p] = random.nextFloat();
        }
        new Picture(pixels, 3, 40, 40).write(png);
      }
    }
    Files.writeString(table, rows);
    new Picture(new float[300 * 200], 1, 300, 200).write(files.image(0));
    JsonNode data = report(table);
    long size = Files.size(folder.resolve("pages/report.html"));
    assertTrue(size > 6_000_000 && size < 10_000_000, size + " bytes");
    int shown = data.get("pictures").size();
    String notes = data.get("notes").toString();
    assertTrue(
        shown > 900 && notes.contains("%,d pictures are left out".formatted(1500 - shown)), notes);
    assertTrue(notes.contains("more than 128 pixels"), notes);
    assertEquals("image", data.at("/runs/0/images/499/pictures/0/name").asText());
  }

  @Test
  void whatIsWrongIsNamed() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty"), HEADER);
    Path journal = Files.writeString(folder.resolve("x.run.jsonl"), "nonsense\n");
    refused("empty: has no results yet", "report", empty);
    refused("absent: no such file", "report", folder.resolve("absent"));
    refused("x.run.jsonl", "report", journal);
    Path table = Files.writeString(folder.resolve("t"), HEADER + "0\t1\t1\t0.5\t1\t0:00:01\n");
    Path endless = Files.writeString(folder.resolve("e"), HEADER + "7\t1\t1\tinf\t1\t0:00:01\n");
    refused("e: the radius of image 7 is inf", "report", endless);
    refused(
        "no-names: cannot be read", "report", table, "--class-names", folder.resolve("no-names"));
    Object[] shard = {
      "certify",
      "--ids",
      "0,1",
      "--sigma",
      1,
      "--n",
      5,
      "--shard",
      "1/2",
      "--report",
      "--out",
      folder.resolve("s")
    };
    refused("--pictures and --report take a whole run", shard);
    refused("--pictures must be at least 0", "certify", "--ids", 0, "--pictures=-1", "--sigma", 1);
  }

  private static void refused(String reason, Object... args) {
    Cli cli = Cli.run(args);
    assertEquals(2, cli.exit(), cli.out());
    assertTrue(cli.complaint().contains(reason), cli.err());
  }
}
