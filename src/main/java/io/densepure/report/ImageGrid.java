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
  private static final int CELL = 112;
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

  /**
   * One picture.
   *
   * @param pixels {@code [C, H, W]} in [0, 1], values outside are clipped; C is 1 or 3
   */
  public record Cell(
      float[] pixels, int channels, int height, int width, String caption, Verdict verdict) {}

  private final List<String> columns;
  private final List<List<Cell>> rows = new ArrayList<>();

  public ImageGrid(List<String> columns) {
    this.columns = List.copyOf(columns);
  }

  /**
   * @throws IllegalArgumentException if there are not as many cells as columns
   */
  public void addRow(List<Cell> cells) {
    if (cells.size() != columns.size()) {
      throw new IllegalArgumentException(
          cells.size() + " cells for " + columns.size() + " columns");
    }
    rows.add(List.copyOf(cells));
  }

  /** Writes the grid as PNG. */
  public void write(Path png) throws IOException {
    ImageIO.write(render(), "png", png.toFile());
  }

  private BufferedImage render() {
    int width = GAP + columns.size() * (CELL + GAP);
    int height = HEADER + rows.size() * (CELL + CAPTION + GAP);
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
    for (int c = 0; c < columns.size(); c++) {
      centred(g, columns.get(c), left(c), 22);
    }
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    for (int r = 0; r < rows.size(); r++) {
      int top = HEADER + r * (CELL + CAPTION + GAP);
      for (int c = 0; c < columns.size(); c++) {
        draw(g, rows.get(r).get(c), left(c), top);
      }
    }
    g.dispose();
    return image;
  }

  private static int left(int column) {
    return GAP + column * (CELL + GAP);
  }

  private static void draw(Graphics2D g, Cell cell, int x, int y) {
    g.drawImage(toImage(cell), x, y, CELL, CELL, null);
    g.setColor(
        switch (cell.verdict()) {
          case PLAIN -> Color.DARK_GRAY;
          case RIGHT -> GOOD;
          case WRONG -> BAD;
        });
    centred(g, cell.caption(), x, y + CELL + 15);
  }

  private static void centred(Graphics2D g, String text, int x, int baseline) {
    FontMetrics m = g.getFontMetrics();
    String shown = text;
    while (m.stringWidth(shown) > CELL + GAP && shown.length() > 1) {
      shown = shown.substring(0, shown.length() - 2) + "…";
    }
    g.drawString(shown, x + (CELL - m.stringWidth(shown)) / 2, baseline);
  }

  private static BufferedImage toImage(Cell cell) {
    BufferedImage image =
        new BufferedImage(cell.width(), cell.height(), BufferedImage.TYPE_INT_RGB);
    int plane = cell.height() * cell.width();
    for (int i = 0; i < plane; i++) {
      int rgb = 0;
      for (int c = 0; c < 3; c++) {
        float v = cell.pixels()[Math.min(c, cell.channels() - 1) * plane + i];
        rgb = rgb << 8 | Math.round(255 * Math.max(0f, Math.min(1f, v)));
      }
      image.setRGB(i % cell.width(), i / cell.width(), rgb);
    }
    return image;
  }
}
