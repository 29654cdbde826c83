package io.densepure.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.pipeline.PurifyRun;
import io.densepure.report.ImageGrid;
import io.densepure.report.ImageGrid.Cell;
import io.densepure.report.ImageGrid.Verdict;
import io.densepure.report.Picture;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes purified images as they come, and says in the end what was written. */
final class PurifiedPictures {
  private static final int MAX_COLUMNS = 8;

  private final Path folder;
  private final double sigma;
  private final boolean noisyInput;
  private final List<Row> rows = new ArrayList<>();

  /** PSNR against the image as it was, NaN if that was noisy itself. */
  private record Row(String name, double noisyPsnr, double denoisedPsnr, List<Path> files) {}

  /**
   * @param folder exists
   * @param noisyInput whether the images themselves are noisy, so that there is no truth to compare
   */
  PurifiedPictures(Path folder, double sigma, boolean noisyInput) {
    this.folder = folder;
    this.sigma = sigma;
    this.noisyInput = noisyInput;
  }

  /** Writes what became of one image: each picture alone, and a grid of all. */
  void add(String name, Picture original, PurifyRun.Purified purified, PurifyRun run)
      throws IOException {
    Picture noisy = like(original, purified.noisy());
    List<Picture> versions = purified.denoised().stream().map(p -> like(original, p)).toList();
    List<Path> files = new ArrayList<>();
    if (!noisyInput) {
      files.add(write(noisy, name + "-noisy.png"));
    }
    for (int i = 0; i < versions.size(); i++) {
      files.add(write(versions.get(i), name + "-" + (i + 1) + ".png"));
    }
    try {
      files.add(grid(original, noisy, versions, name + "-grid.png"));
      if (!run.stages().isEmpty()) {
        files.add(strip(noisy, versions, purified.stages(), run, name + "-strip.png"));
      }
    } catch (java.awt.AWTError | LinkageError | InternalError e) {
      System.err.println(
          "No captions, so no grid: this Java cannot draw text; install fontconfig and a font");
    }
    double denoised =
        versions.stream().mapToDouble(v -> v.psnr(original)).average().orElse(Double.NaN);
    rows.add(
        new Row(
            name,
            noisyInput ? Double.NaN : noisy.psnr(original),
            noisyInput ? Double.NaN : denoised,
            files));
  }

  private static Picture like(Picture shape, float[] pixels) {
    return new Picture(pixels, shape.channels(), shape.height(), shape.width());
  }

  private Path write(Picture picture, String file) throws IOException {
    Path png = folder.resolve(file);
    picture.write(png);
    return png;
  }

  /** The image, the noisy one and the versions, in as many lines as they need. */
  private Path grid(Picture original, Picture noisy, List<Picture> versions, String file)
      throws IOException {
    List<Cell> cells = new ArrayList<>();
    if (!noisyInput) {
      cells.add(cell(original, "image"));
    }
    cells.add(cell(noisy, "noise " + sigma));
    for (int i = 0; i < versions.size(); i++) {
      cells.add(cell(versions.get(i), "version " + (i + 1)));
    }
    int columns = Math.min(MAX_COLUMNS, cells.size());
    ImageGrid grid = new ImageGrid(columns);
    for (int i = 0; i < cells.size(); i += columns) {
      grid.addRow(cells.subList(i, Math.min(i + columns, cells.size())));
    }
    return write(grid, file);
  }

  /** One line per version: the noisy image, and what is left of the noise after some steps. */
  private Path strip(
      Picture noisy, List<Picture> versions, List<List<float[]>> stages, PurifyRun run, String file)
      throws IOException {
    ImageGrid grid = new ImageGrid(run.stages().size() + 1);
    for (int v = 0; v < versions.size(); v++) {
      List<Cell> row = new ArrayList<>(List.of(cell(noisy, "noise " + sigma)));
      for (int i = 0; i < run.stages().size(); i++) {
        String caption = "step " + (run.stages().get(i) + 1) + " of " + run.steps();
        row.add(cell(like(noisy, stages.get(v).get(i)), caption));
      }
      grid.addRow(row);
    }
    return write(grid, file);
  }

  private static Cell cell(Picture picture, String caption) {
    return new Cell(picture, caption, Verdict.PLAIN);
  }

  private Path write(ImageGrid grid, String file) throws IOException {
    Path png = folder.resolve(file);
    grid.write(png);
    return png;
  }

  void print(PrintStream to, boolean json) {
    if (json) {
      ObjectNode all = JsonNodeFactory.instance.objectNode();
      rows.forEach(row -> describe(all.withArray("images").addObject(), row));
      to.println(all.toPrettyString());
      return;
    }
    for (Row row : rows) {
      String psnr =
          noisyInput
              ? ""
              : "  PSNR %.1f dB noisy, %.1f dB denoised"
                  .formatted(row.noisyPsnr(), row.denoisedPsnr());
      to.printf("%s%s%n", row.name(), psnr);
      row.files().forEach(file -> to.println("  " + file));
    }
  }

  private void describe(ObjectNode node, Row row) {
    node.put("name", row.name());
    if (!noisyInput) {
      node.put("psnr_noisy", row.noisyPsnr()).put("psnr_denoised", row.denoisedPsnr());
    }
    row.files().forEach(file -> node.withArray("files").add(file.toString()));
  }
}
