package io.densepure.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * A table of small pictures with captions: images down, stages (clean, noisy, denoised …) across.
 */
public final class ImageGrid {
  private static final int SMALLEST_CELL = 112;
  private static final int GAP = 10;
  private static final int HEADER = 34;
  private static final int CAPTION = 20;
  private static final Color GOOD = new Color(0x00, 0x7A, 0x4D);
  private static final Color BAD = new Color(0xB3, 0x26, 0x1E);

  /** How a caption is coloured. */
  public enum Verdict {
    PLAIN,
    RIGHT,
    WRONG
  }

  /** One picture and what is written below it. */
  public record Cell(Picture picture, String caption, Verdict verdict) {}

  private final int columns;
  private final List<String> titles;
  private final List<List<Cell>> rows = new ArrayList<>();

  /** A grid with a title over each column. */
  public ImageGrid(List<String> titles) {
    this.columns = titles.size();
    this.titles = List.copyOf(titles);
  }

  /** A grid without titles. */
  public ImageGrid(int columns) {
    this.columns = columns;
    this.titles = List.of();
  }

  /**
   * @throws IllegalArgumentException if there are more cells than columns
   */
  public void addRow(List<Cell> cells) {
    if (cells.size() > columns) {
      throw new IllegalArgumentException(cells.size() + " cells for " + columns + " columns");
    }
    rows.add(List.copyOf(cells));
  }

  /** Writes the grid as PNG. */
  public void write(Path png) throws IOException {
    ImageIO.write(render(), "png", png.toFile());
  }

  /** Small pictures are enlarged, large ones are not shrunk. */
  private int side() {
    return rows.stream()
        .flatMap(List::stream)
        .mapToInt(cell -> Math.max(cell.picture().width(), cell.picture().height()))
        .reduce(SMALLEST_CELL, Math::max);
  }

  private BufferedImage render() {
    int side = side();
    int width = GAP + columns * (side + GAP);
    int header = titles.isEmpty() ? GAP : HEADER;
    int height = header + rows.size() * (side + CAPTION + GAP);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, width, height);
    g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 13));
    g.setColor(Color.DARK_GRAY);
    for (int c = 0; c < titles.size(); c++) {
      centred(g, titles.get(c), left(c, side), 22, side);
    }
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    for (int r = 0; r < rows.size(); r++) {
      int top = header + r * (side + CAPTION + GAP);
      for (int c = 0; c < rows.get(r).size(); c++) {
        draw(g, rows.get(r).get(c), left(c, side), top, side);
      }
    }
    g.dispose();
    return image;
  }

  private static int left(int column, int side) {
    return GAP + column * (side + GAP);
  }

  private static void draw(Graphics2D g, Cell cell, int x, int y, int side) {
    g.drawImage(cell.picture().toImage(), x, y, side, side, null);
    g.setColor(
        switch (cell.verdict()) {
          case PLAIN -> Color.DARK_GRAY;
          case RIGHT -> GOOD;
          case WRONG -> BAD;
        });
    centred(g, cell.caption(), x, y + side + 15, side);
  }

  private static void centred(Graphics2D g, String text, int x, int baseline, int side) {
    FontMetrics m = g.getFontMetrics();
    String shown = text;
    while (m.stringWidth(shown) > side + GAP && shown.length() > 1) {
      shown = shown.substring(0, shown.length() - 2) + "…";
    }
    g.drawString(shown, x + (side - m.stringWidth(shown)) / 2, baseline);
  }
}
