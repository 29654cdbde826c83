package io.densepure.report;

import io.densepure.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.internal.chartpart.Chart;

/** Writes figures as SVG, PDF or PNG, by the file's extension. */
public final class ChartFile {
  private static final int DPI = 200;

  private enum Kind {
    SVG,
    PDF,
    PNG
  }

  private ChartFile() {}

  /**
   * @throws InputException if the extension is another one
   */
  public static void check(Path file) {
    kind(file);
  }

  private static Kind kind(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return Arrays.stream(Kind.values())
        .filter(k -> name.endsWith("." + k.name().toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () -> InputException.of("%s: figures are written as .svg, .pdf or .png", file));
  }

  /**
   * Makes the folder if need be.
   *
   * @throws InputException if the file cannot be written
   */
  static void write(Chart<?, ?> chart, Path file) {
    Kind kind = kind(file);
    String target = file.toString();
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      switch (kind) {
        case SVG ->
            VectorGraphicsEncoder.saveVectorGraphic(chart, target, VectorGraphicsFormat.SVG);
        case PDF ->
            VectorGraphicsEncoder.saveVectorGraphic(chart, target, VectorGraphicsFormat.PDF);
        case PNG -> BitmapEncoder.saveBitmapWithDPI(chart, target, BitmapFormat.PNG, DPI);
      }
    } catch (IOException e) {
      throw InputException.unwritable(file, e);
    }
  }
}
