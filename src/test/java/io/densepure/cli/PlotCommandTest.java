package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.certify.FewerVotes;
import io.densepure.certify.ResultRow;
import io.densepure.certify.RunRecord;
import io.densepure.report.FinishedRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlotCommandTest {
  private static final String ROWS =
      "idx\tlabel\tpredict\tradius\tcorrect\n0\t1\t1\t0.5\t1\n1\t1\t1\t0.2\t1\n2\t1\t-1\t0.0\t0\n";

  // Text is drawn as shapes, so figures are told by their colours.
  private static final List<String> COLORS =
      List.of("rgb(0,114,178)", "rgb(213,94,0)", "rgb(0,158,115)");
  private static final String BLUE_BAND = "fill:rgb(0,114,178)";
  private static final String LIGHT_BAR = "rgb(198,219,239)";
  private static final String DARK_BAR = "rgb(8,48,107)";

  @TempDir private Path folder;

  /** Whether there is a line of the first, second and third colour. */
  private static List<Boolean> lines(String svg) {
    return COLORS.stream().map(svg::contains).toList();
  }

  private Path table(String name) throws IOException {
    return Files.writeString(folder.resolve(name), ROWS);
  }

  private String svg(Object... args) throws IOException {
    Path file = folder.resolve("figures/plot.svg");
    Object[] all = new Object[args.length + 3];
    all[0] = "plot";
    System.arraycopy(args, 0, all, 1, args.length);
    all[args.length + 1] = "--out";
    all[args.length + 2] = file;
    Cli cli = Cli.run(all);
    assertEquals(0, cli.exit(), cli.err());
    return Files.readString(file);
  }

  @Test
  void curvesInEveryFormat() throws IOException {
    Path a = table("a");
    String svg = svg("sigma = 0.25=" + a, "Carlini=" + table("b"), "--confidence", 0.9);
    assertEquals(List.of(true, true, false), lines(svg));
    assertTrue(svg.contains(BLUE_BAND), svg);
    Path pdf = folder.resolve("plot.pdf");
    Path png = folder.resolve("plot.PNG");
    assertEquals(0, Cli.run("plot", a, "--out", pdf).exit());
    assertEquals(0, Cli.run("plot", a, "--out", png).exit());
    byte[] head = Files.readAllBytes(pdf);
    assertEquals("%PDF", new String(head, 0, 4, StandardCharsets.US_ASCII));
    assertTrue(ImageIO.read(png.toFile()).getWidth() > 1000);
  }

  /** A dashed line is cut into many pieces; a solid one is not. */
  @Test
  void oneShotIsDashed() throws IOException {
    String solid = svg("DensePure=" + table("a"));
    String dashed = svg("one-shot=" + table("a"));
    assertTrue(
        dashed.contains("stroke-dasharray:7") || dashed.contains("stroke-dasharray=\"7"), dashed);
    assertFalse(solid.contains("stroke-dasharray:7") || solid.contains("stroke-dasharray=\"7"));
  }

  @Test
  void votesAndStepsFromTables() throws IOException {
    Path a = table("a");
    Path b = table("b");
    String votes = svg("1=" + a, "10=" + b, "--by", "votes", "--radii", "0,0.3,0.6");
    assertEquals(List.of(true, true, true), lines(votes));
    String steps = svg("1=" + a, "10=" + b, "--by", "steps", "--radii", "0,0.3");
    assertTrue(steps.contains(LIGHT_BAR) && steps.contains(DARK_BAR), steps);
  }

  /** With fewer votes a run says what a run with so few votes says. */
  @Test
  void aJournalIsCertifiedAnewForFewerVotes() throws IOException {
    Path three = folder.resolve("three");
    Path one = folder.resolve("one");
    for (Path out : List.of(three, one)) {
      Cli cli =
          Cli.run(
              "certify",
              "--ids",
              "0,1,2,3",
              "--n0",
              5,
              "--n",
              30,
              "--sigma",
              0.5,
              "--steps",
              2,
              "--votes",
              out == three ? 3 : 1,
              "--exhaustive",
              "--backend",
              "cpu",
              "--out",
              out);
      assertEquals(0, cli.exit(), cli.err());
    }
    Path purified = folder.resolve("three_diffpure");
    List<ResultRow> alone = ResultRow.read(folder.resolve("one_diffpure"));
    try (RunRecord run = FinishedRun.of("", purified).open()) {
      List<ResultRow> fewer = FewerVotes.certify(run, new TreeSet<>(Set.of(1, 3))).get(1);
      assertEquals(
          alone.stream().map(PlotCommandTest::result).toList(),
          fewer.stream().map(PlotCommandTest::result).toList());
    }
    String svg = svg(purified, "--by", "votes");
    assertEquals(List.of(true, true, true), lines(svg));
    refused("1 to 3 votes, not 4", purified, "--by", "votes", "--votes", 4);
  }

  private static String result(ResultRow row) {
    return row.toTsv().substring(0, row.toTsv().lastIndexOf('\t'));
  }

  @Test
  void whatIsWrongIsNamed() throws IOException {
    Path a = table("a");
    refused("must be the number of votes, as in 10=", "x=" + a, "1=" + a, "--by", "votes");
    refused("there is no journal", a, "--by", "votes");
    refused("must be the number of steps", a, "--by", "steps");
    refused("there are two runs with 3 steps", "3=" + a, "3=" + a, "--by", "steps");
    refused("no bands on bars", "3=" + a, "--by", "steps", "--confidence", 0.5);
    refused("--max-radius", a, "--max-radius", 0);
    Cli jpeg = Cli.run("plot", a, "--out", folder.resolve("x.jpg"));
    assertEquals(2, jpeg.exit());
    assertTrue(jpeg.complaint().contains(".svg, .pdf or .png"), jpeg.err());
  }

  private void refused(String reason, Object... args) {
    Object[] all = new Object[args.length + 3];
    all[0] = "plot";
    System.arraycopy(args, 0, all, 1, args.length);
    all[args.length + 1] = "--out";
    all[args.length + 2] = folder.resolve("x.svg");
    Cli cli = Cli.run(all);
    assertEquals(2, cli.exit(), cli.out());
    assertTrue(cli.complaint().contains(reason), cli.err());
  }
}
