package io.densepure.cli;

import io.densepure.certify.CertifiedImage;
import io.densepure.certify.Lane;
import io.densepure.data.Dataset;
import io.densepure.diffusion.ReverseMode;
import io.densepure.pipeline.CertifyRun;
import io.densepure.pipeline.LanePipeline;
import io.densepure.report.AccuracyPlot;
import io.densepure.report.ImageGrid;
import io.densepure.report.ImageGrid.Cell;
import io.densepure.report.ImageGrid.Verdict;
import io.densepure.report.Picture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
    for (CertifiedImage image : results.subList(0, Math.min(ROWS, results.size()))) {
      List<Cell> row = new ArrayList<>();
      float[] clean = data.image(image.index()).ravel().toFloatVector();
      row.add(cell(clean, data.classNames().get(image.label()), Verdict.PLAIN));
      rows.add(row);
    }
    addColumn(run.pipeline(), results, 0, true);
  }

  void oneShot(CertifyRun run, List<CertifiedImage> results) {
    addColumn(run.pipeline(), results, 0, false);
  }

  void densePure(CertifyRun run, List<CertifiedImage> results) {
    int votes = results.isEmpty() ? 0 : run.votes();
    votesShown = Math.min(MAX_VOTES, votes);
    for (int vote = 0; vote < votesShown; vote++) {
      addColumn(run.pipeline(), results, vote, false);
    }
  }

  /** The first noisy copy of each image, through the pipeline once more for its pixels. */
  private void addColumn(
      LanePipeline pipeline, List<CertifiedImage> results, int vote, boolean noisy) {
    for (int r = 0; r < rows.size(); r++) {
      CertifiedImage image = results.get(r);
      Lane lane = new Lane(image.index(), Lane.Phase.ESTIMATION, 0, vote);
      int label = pipeline.classify(List.of(lane))[0];
      float[] pixels = noisy ? pipeline.noisyImage(0) : pipeline.denoisedImage(0);
      Verdict verdict = label == image.label() ? Verdict.RIGHT : Verdict.WRONG;
      rows.get(r).add(cell(pixels, data.classNames().get(label), verdict));
    }
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
    String name = table.title().equals("base") ? "no denoising" : table.title();
    boolean oneShot = table.request().denoising() instanceof ReverseMode.OneShot;
    return new AccuracyPlot.Curve(name, table.accuracy(), oneShot);
  }
}
