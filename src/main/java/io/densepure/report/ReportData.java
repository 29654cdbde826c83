package io.densepure.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a page shows, for its scripts. */
final class ReportData {
  private static final long PICTURE_BYTES = 7L << 20;
  private static final int MAX_VOTES = 8;
  private static final double[] ROUND = {1, 2, 2.5, 5, 10};

  private final List<FinishedRun> runs;
  private final List<String> classNames;
  private final String version;

  ReportData(List<FinishedRun> runs, List<String> classNames, String version) {
    this.runs = runs;
    this.classNames = classNames;
    this.version = version;
  }

  ObjectNode json() {
    ObjectNode data = JsonNodeFactory.instance.objectNode().put("version", version);
    List<ReportRun> read = runs.stream().map(ReportRun::read).toList();
    names(read).forEach(data.withArray("classNames")::add);
    radii(read).forEach(data.withArray("radii")::add);
    List<List<ObjectNode>> images = new ArrayList<>();
    for (ReportRun run : read) {
      images.add(run.describe(data.withArray("runs").addObject()));
    }
    EmbeddedPictures pictures = pictures(read, images);
    pictures.uris().forEach(data.withArray("pictures")::add);
    notes(pictures).forEach(data.withArray("notes")::add);
    return data;
  }

  private List<String> names(List<ReportRun> read) {
    return classNames.isEmpty()
        ? read.stream()
            .map(ReportRun::classNames)
            .filter(names -> !names.isEmpty())
            .findFirst()
            .orElse(List.of())
        : classNames;
  }

  /** 0 and a few round radii up to the largest. */
  private static List<Double> radii(List<ReportRun> read) {
    double largest =
        read.stream()
            .flatMap(run -> run.accuracy().radii().stream())
            .filter(r -> r < Double.POSITIVE_INFINITY)
            .reduce(0.0, Math::max);
    List<Double> radii = new ArrayList<>(List.of(0.0));
    if (largest > 0) {
      double power = Math.pow(10, Math.floor(Math.log10(largest / 5)));
      int round = 0;
      while (ROUND[round] * power < largest / 5) {
        round++;
      }
      double step = ROUND[round] * power;
      for (int k = 1; k * step <= largest; k++) {
        radii.add(Double.parseDouble(String.format(Locale.ROOT, "%.6g", k * step)));
      }
    }
    return radii;
  }

  /** First every image's own, then the noisy ones, then the votes: so they are thinned out. */
  private static EmbeddedPictures pictures(List<ReportRun> read, List<List<ObjectNode>> images) {
    EmbeddedPictures pictures = new EmbeddedPictures(PICTURE_BYTES);
    for (int rank = 0; rank < 2 + MAX_VOTES; rank++) {
      for (int r = 0; r < read.size(); r++) {
        for (int i = 0; i < images.get(r).size(); i++) {
          read.get(r).addPicture(images.get(r).get(i), i, rank, pictures);
        }
      }
    }
    return pictures;
  }

  private static List<String> notes(EmbeddedPictures pictures) {
    List<String> notes = new ArrayList<>();
    if (pictures.leftOut() > 0) {
      notes.add(
          String.format(
              Locale.ROOT,
              "%,d pictures are left out: a page holds %d MiB of them.",
              pictures.leftOut(),
              PICTURE_BYTES >> 20));
    }
    if (pictures.thinned() > 0) {
      notes.add(
          "Pictures of more than "
              + EmbeddedPictures.MAX_SIDE
              + " pixels a side are shown with pixels left out.");
    }
    return notes;
  }
}
