package io.densepure.cli;

import io.densepure.certify.CertifiedImage;
import io.densepure.data.Dataset;
import io.densepure.diffusion.ReverseMode;
import io.densepure.pipeline.CertifyRun;
import io.densepure.pipeline.LanePictures;
import io.densepure.report.AccuracyPlot;
import io.densepure.report.ImageGrid;
import io.densepure.report.ImageGrid.Cell;
import io.densepure.report.ImageGrid.Verdict;
import io.densepure.report.Picture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * What the demo shows: the certified-accuracy curves, and for some images the noisy copy and what
 * each method makes of it.
 */
final class DemoPictures {
  static final String CURVES = "certified-accuracy.png";
  static final String GRID = "denoised.png";
  private static final int ROWS = 6;
  private static final int MAX_VOTES = 4;

  private final Dataset data;
  private final double sigma;
  private final List<List<Cell>> rows = new ArrayList<>();
  private int votesShown;

  DemoPictures(Dataset data, double sigma) {
    this.data = data;
    this.sigma = sigma;
  }

  /** Begins the rows: the clean image, and the noisy one as the bare classifier sees it. */
  void base(CertifyRun run, List<CertifiedImage> results) {
    look(
        run,
        results,
        1,
        (pictures, image) -> {
          List<Cell> row = new ArrayList<>();
          row.add(cell(pictures.clean(), data.classNames().get(image.label()), Verdict.PLAIN));
          row.add(cell(pictures.noisy(), pictures.labels().get(0), image));
          rows.add(row);
        });
  }

  void oneShot(CertifyRun run, List<CertifiedImage> results) {
    addColumns(run, results, 1);
  }

  void densePure(CertifyRun run, List<CertifiedImage> results) {
    votesShown = Math.min(MAX_VOTES, run.votes());
    addColumns(run, results, votesShown);
  }

  /** What each of some votes makes of the first noisy copy of each image. */
  private void addColumns(CertifyRun run, List<CertifiedImage> results, int votes) {
    Iterator<List<Cell>> row = rows.iterator();
    look(
        run,
        results,
        votes,
        (pictures, image) -> {
          List<Cell> cells = row.next();
          for (int vote = 0; vote < votes; vote++) {
            cells.add(cell(pictures.denoised().get(vote), pictures.labels().get(vote), image));
          }
        });
  }

  private void look(
      CertifyRun run,
      List<CertifiedImage> results,
      int votes,
      BiConsumer<LanePictures, CertifiedImage> cells) {
    List<CertifiedImage> first = results.subList(0, Math.min(ROWS, results.size()));
    Iterator<CertifiedImage> image = first.iterator();
    LanePictures.look(
        run.pipeline(),
        data,
        first.stream().map(CertifiedImage::index).toList(),
        votes,
        pictures -> cells.accept(pictures, image.next()));
  }

  private Cell cell(float[] pixels, int label, CertifiedImage image) {
    Verdict verdict = label == image.label() ? Verdict.RIGHT : Verdict.WRONG;
    return cell(pixels, label < 0 ? "not finite" : data.classNames().get(label), verdict);
  }

  private Cell cell(float[] pixels, String caption, Verdict verdict) {
    Picture picture = new Picture(pixels, data.channels(), data.height(), data.width());
    return new Cell(picture, caption, verdict);
  }

  /**
   * Writes both pictures, the curves also as SVG. A machine without fonts gets a warning instead.
   */
  void write(Path folder, List<ResultTable> tables) throws IOException {
    List<String> columns = new ArrayList<>(List.of("image", "noise " + sigma, "one-shot"));
    for (int vote = 1; vote <= votesShown; vote++) {
      columns.add("vote " + vote);
    }
    ImageGrid grid = new ImageGrid(columns);
    rows.forEach(grid::addRow);
    List<AccuracyPlot.Curve> curves = tables.stream().map(DemoPictures::curve).toList();
    String title = "Certified accuracy on Fashion-MNIST, sigma = " + sigma;
    AccuracyPlot plot = new AccuracyPlot(title, curves, null, null);
    try {
      grid.write(folder.resolve(GRID));
      for (String name : List.of(CURVES, CURVES.replace(".png", ".svg"))) {
        plot.write(folder.resolve(name));
      }
    } catch (java.awt.AWTError | LinkageError | InternalError e) {
      System.err.println(
          "No pictures: this Java cannot draw text; install fontconfig and a font (" + e + ")");
    }
  }

  private static AccuracyPlot.Curve curve(ResultTable table) {
    boolean oneShot = table.request().denoising() instanceof ReverseMode.OneShot;
    return new AccuracyPlot.Curve(MethodNames.plain(table.title()), table.accuracy(), oneShot);
  }
}
