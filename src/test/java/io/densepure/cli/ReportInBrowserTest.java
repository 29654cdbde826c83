package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.certify.ResultRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;

/** Pages of {@code report} in a real browser: what they show, and that they ask for nothing. */
class ReportInBrowserTest {
  private static final String HEADER = "idx\tlabel\tpredict\tradius\tcorrect\n";

  @TempDir private static Path folder;
  private static Browser browser;
  private static Path page;

  @BeforeAll
  static void certify() {
    browser = Browser.open();
    Path out = folder.resolve("run");
    page = folder.resolve("run.html");
    Cli cli =
        Cli.run(
            "certify",
            "--ids",
            "0,1,2,3,4,5,6,7,8,12",
            "--n0",
            4,
            "--n",
            24,
            "--sigma",
            0.25,
            "--mode",
            "both",
            "--one-shot",
            "--pictures",
            6,
            "--report",
            "--backend",
            "cpu",
            "--out",
            out);
    assertEquals(0, cli.exit(), cli.err());
    assertTrue(cli.err().contains("Report: " + page), cli.err());
  }

  @AfterAll
  static void close() {
    if (browser != null) {
      browser.close();
    }
  }

  private static void assertQuiet(Path shown) throws IOException {
    assertEquals(List.of(), browser.complaints());
    assertEquals(Set.of(shown.toUri().toString()), Set.copyOf(browser.requests()));
  }

  @ParameterizedTest
  @CsvSource({"390, false", "390, true", "1440, false", "1440, true"})
  void fitsAnyScreenInLightAndDark(int width, boolean dark) throws IOException {
    browser.show(page, width, dark);
    assertEquals(dark ? "dark" : "light", theme());
    assertEquals((long) width, browser.run("return document.documentElement.scrollWidth"));
    assertEquals(10, browser.texts("#rows > li").size());
    assertEquals(List.of("no denoising", "one-shot"), browser.texts("#summary tbody th"));
    browser.screenshot("report-" + width + (dark ? "-dark" : "-light"), width < 500 ? 2400 : 1700);
    assertQuiet(page);
    assertEquals(List.of(), browser.barriers());
  }

  /** On paper there are no controls, and dark pages are light. */
  @Test
  void prints() throws IOException {
    browser.show(page, 1000, true);
    browser.print();
    browser.screenshot("report-print", 1700);
    assertEquals(
        List.of("none", "none", "none"),
        browser.run(
            "return ['#theme', '#filters', '#chart-help'].map("
                + "s => getComputedStyle(document.querySelector(s)).display)"));
    assertEquals(
        "rgb(255, 255, 255)",
        browser.run("return getComputedStyle(document.body).backgroundColor"));
  }

  private static String theme() {
    return (String) browser.run("return document.documentElement.dataset.theme");
  }

  @Test
  void themeCanBeSwitched() throws IOException {
    browser.show(page, 1440, false);
    Object light = browser.run("return getComputedStyle(document.body).backgroundColor");
    browser.find("#theme").click();
    assertEquals("dark", theme());
    assertNotEquals(light, browser.run("return getComputedStyle(document.body).backgroundColor"));
    browser.find("#theme").click();
    assertEquals("light", theme());
  }

  @Test
  void filtersLeaveWhatWasAskedFor() throws IOException {
    browser.show(page, 1440, false);
    browser.enter("run", "1");
    List<ResultRow> rows = ResultRow.read(folder.resolve("run_diffpure"));
    browser.enter("outcome", "correct");
    long correct = rows.stream().filter(ResultRow::correct).count();
    assertTrue(correct > 0 && correct < 10, "the run tells nothing apart: " + rows);
    assertEquals(correct + " of 10 images", browser.find("#count").getText());
    assertEquals(Set.of("correct"), Set.copyOf(browser.texts("#rows .verdict")));
    browser.find("#filters button[type=reset]").click();
    assertEquals("10 of 10 images", browser.find("#count").getText());

    int label = rows.get(0).label();
    browser.enter("class", String.valueOf(label));
    long same = rows.stream().filter(row -> row.label() == label).count();
    assertEquals(same, browser.texts("#rows > li").size());
    browser.enter("class", "");

    browser.enter("from", "0.1");
    browser.enter("to", "0.3");
    long between = rows.stream().filter(row -> row.radius() >= 0.1 && row.radius() <= 0.3).count();
    assertEquals(between, browser.texts("#rows > li").size());
    browser.enter("from", "");
    browser.enter("to", "");

    browser.enter("search", "12");
    assertEquals(List.of("12"), indices());
    browser.enter("search", "nothing of the kind");
    assertEquals(List.of(), indices());
  }

  @SuppressWarnings("unchecked")
  private static List<String> indices() {
    return (List<String>)
        browser.run(
            "return [...document.querySelectorAll('#rows > li')].map(e => e.dataset.index)");
  }

  @Test
  void sortsByRadius() throws IOException {
    browser.show(page, 1440, false);
    browser.enter("run", "1");
    browser.enter("sort", "radius");
    browser.enter("order", "-1");
    List<String> expected =
        ResultRow.read(folder.resolve("run_diffpure")).stream()
            .sorted((a, b) -> Double.compare(b.radius(), a.radius()))
            .map(row -> "" + row.idx())
            .toList();
    assertEquals(expected, indices());
  }

  @Test
  void runsCanBeHiddenAndCurvesRead() throws IOException {
    browser.show(page, 1440, false);
    assertEquals(2, browser.texts("#chart path.curve").size());
    browser.find("#chart").sendKeys(Keys.HOME);
    long correct =
        ResultRow.read(folder.resolve("run_diffpure")).stream().filter(ResultRow::correct).count();
    String reading = browser.find("#reading").getText();
    assertTrue(reading.contains("r ≥ 0.000"), reading);
    assertTrue(reading.contains("one-shot: " + 10 * correct + ".0 %"), reading);
    browser.find("#chart").sendKeys(Keys.END);
    assertTrue(browser.find("#reading").getText().contains("one-shot: 0.0 %"));
    browser.find("#legend button:nth-child(2)").click();
    assertEquals(1, browser.texts("#chart path.curve").size());
    assertFalse(browser.find("#reading").getText().contains("one-shot"));
    assertEquals("false", browser.find("#legend button:nth-child(2)").getAttribute("aria-pressed"));
  }

  @Test
  void imagesHaveTheirPicturesAndVotes() throws IOException {
    browser.show(page, 1440, false);
    browser.enter("run", "1");
    assertEquals(
        List.of(3L, 0L),
        browser.run(
            "return [0, 9].map(i => document.querySelectorAll('#rows > li')[i]"
                + ".querySelectorAll('img').length)"));
    assertEquals(
        true,
        browser.run(
            "return Promise.all([...document.images].map(i => i.decode()))"
                + ".then(() => [...document.images].every(i => i.naturalWidth === 32))"));
    int sum =
        browser.texts("#rows > li:first-child .bars .votes").stream()
            .mapToInt(Integer::parseInt)
            .sum();
    assertTrue(sum > 0 && sum <= 24, "votes of 24 copies: " + sum);
    browser.enter("run", "0");
    assertEquals(
        2L,
        browser.run("return document.querySelector('#rows > li').querySelectorAll('img').length"));
  }

  /** Nothing in a name is markup, neither in the page nor in its data. */
  @Test
  void hostileNamesAreInert() throws IOException {
    String attack =
        "</script><script>hacked=1</script><img src=x onerror=hacked=1>{{script}}&quot;";
    Path table =
        Files.writeString(folder.resolve("table"), HEADER + "0\t0\t1\t0.5\t0\n1\t1\t1\t0.2\t1\n");
    Path names = Files.writeString(folder.resolve("names"), attack + "\n\u2028" + attack + "\n");
    Path hostile = folder.resolve("hostile.html");
    Cli cli =
        Cli.run(
            "report",
            attack + "=" + table,
            "two=" + table,
            "--title",
            attack,
            "--class-names",
            names,
            "--out",
            hostile);
    assertEquals(0, cli.exit(), cli.err());
    browser.show(hostile, 1440, false);
    assertEquals(attack, browser.find("h1").getText());
    assertEquals(attack, browser.run("return document.title"));
    assertEquals(List.of(attack, "two"), browser.texts("#summary tbody th"));
    assertEquals(attack, browser.find("#rows > li dd").getText());
    assertNull(browser.run("return window.hacked"));
    assertEquals(2L, browser.run("return document.scripts.length"));
    assertEquals(0L, browser.run("return document.images.length"));
    assertQuiet(hostile);
  }

  /** Should a script get in all the same, the page's policy does not run it. */
  @Test
  void policyForbidsForeignScriptsAndRequests() throws IOException {
    Path infected = folder.resolve("infected.html");
    Files.writeString(
        infected,
        Files.readString(page)
            .replace(
                "<main>", "<main><script>hacked=1</script><img src=\"http://127.0.0.1:9/x.png\">"));
    browser.show(infected, 1440, false);
    assertNull(browser.run("return window.hacked"));
    assertTrue(browser.complaints().stream().anyMatch(c -> c.contains("127.0.0.1:9")));
    browser.requests();
  }
}
