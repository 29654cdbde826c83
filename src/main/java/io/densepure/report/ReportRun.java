package io.densepure.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.InputException;
import io.densepure.certify.Certificate;
import io.densepure.certify.CertifiedAccuracy;
import io.densepure.certify.CertifiedImage;
import io.densepure.certify.Lane.Phase;
import io.densepure.certify.PythonFormat;
import io.densepure.certify.ResultRow;
import io.densepure.certify.RunHeader;
import io.densepure.certify.RunRecord;
import io.densepure.certify.VoteBoard;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * One run in a page.
 *
 * @param header null without a journal
 * @param images in the order of the table
 */
record ReportRun(FinishedRun run, RunHeader header, List<Image> images) {
  private static final int MAX_COUNTS = 12;

  /**
   * One image of it.
   *
   * @param certified null without a journal, or if that says otherwise
   * @param counts [classes]: noisy copies of the estimation by their majority; null without votes
   * @param votes what each vote said about the first of them, as far as they were cast
   * @param known labels that were computed
   */
  record Image(
      ResultRow row, CertifiedImage certified, long[] counts, List<Integer> votes, int known) {}

  /**
   * @throws InputException naming a file that cannot be read, or an image whose radius is no number
   */
  static ReportRun read(FinishedRun run) {
    List<ResultRow> rows = run.rows();
    for (ResultRow row : rows) {
      if (!Double.isFinite(row.radius())) {
        throw InputException.of(
            "%s: the radius of image %d is %s, which a page cannot show",
            run.file(), row.idx(), PythonFormat.repr(row.radius()));
      }
    }
    if (run.journal() == null) {
      return new ReportRun(
          run, null, rows.stream().map(row -> new Image(row, null, null, List.of(), 0)).toList());
    }
    try (RunRecord record = run.open()) {
      Map<Integer, CertifiedImage> finished = new HashMap<>();
      record.images().forEach(image -> finished.put(image.index(), image));
      List<Image> images = new ArrayList<>();
      for (ResultRow row : rows) {
        CertifiedImage image = finished.get(row.idx());
        images.add(
            image != null && agree(row, image.row())
                ? image(image, record.votes(row.idx()))
                : new Image(row, null, null, List.of(), 0));
      }
      return new ReportRun(run, record.header(), images);
    }
  }

  /** Whether a journal's row, which has all digits, is what the table says. */
  private static boolean agree(ResultRow table, ResultRow journal) {
    return table.label() == journal.label()
        && table.predict() == journal.predict()
        && PythonFormat.radius3(table.radius()).equals(PythonFormat.radius3(journal.radius()));
  }

  private static Image image(CertifiedImage image, VoteBoard board) {
    int first = board.plan().position(Phase.ESTIMATION, 0);
    List<Integer> votes =
        IntStream.range(first, first + board.plan().votes()).mapToObj(board::label).toList();
    return new Image(image.row(), image, board.counts(Phase.ESTIMATION), votes, board.known());
  }

  List<String> classNames() {
    return header == null ? List.of() : header.classNames();
  }

  CertifiedAccuracy accuracy() {
    return new CertifiedAccuracy(images.stream().map(Image::row).toList());
  }

  /** Enters everything but pictures; returns the nodes of the images. */
  List<ObjectNode> describe(ObjectNode node) {
    CertifiedAccuracy accuracy = accuracy();
    node.put("name", run.name());
    node.put("method", header == null ? "" : RunMethod.of(header).name());
    node.put("abstained", accuracy.abstentionRate());
    node.put("acr", accuracy.averageCertifiedRadius());
    double seconds = images.stream().mapToDouble(ReportRun::seconds).sum();
    node.put("seconds", Double.isNaN(seconds) ? null : (Double) seconds);
    node.put("saved", saved());
    configuration(node.putObject("configuration"));
    ArrayNode list = node.putArray("images");
    return images.stream().map(image -> describe(list.addObject(), image)).toList();
  }

  /** Share of the votes that were not cast because they could not matter; null if unknown. */
  private Double saved() {
    if (header == null || images.stream().anyMatch(image -> image.certified == null)) {
      return null;
    }
    long known = images.stream().mapToLong(Image::known).sum();
    return 1 - (double) known / ((double) header.plan().lanes() * images.size());
  }

  private void configuration(ObjectNode node) {
    node.put("results", run.file().toString());
    if (header == null) {
      return;
    }
    node.put("method", RunMethod.of(header).name());
    header.config().properties().forEach(e -> node.put(e.getKey(), e.getValue().asText()));
    node.put("N0", Integer.toString(header.plan().n0()));
    node.put("N", Integer.toString(header.plan().n()));
    node.put("votes", Integer.toString(header.plan().votes()));
    header.versions().properties().stream()
        .filter(e -> e.getValue().isValueNode())
        .forEach(e -> node.put(e.getKey(), e.getValue().asText()));
  }

  private static double seconds(Image image) {
    return image.certified == null ? image.row.seconds() : image.certified.seconds();
  }

  private static ObjectNode describe(ObjectNode node, Image image) {
    ResultRow row = image.row;
    boolean abstained = row.predict() == Certificate.ABSTAIN;
    node.put("index", row.idx());
    node.put("label", row.label());
    node.put("prediction", row.predict());
    node.put("radius", row.radius());
    node.put("outcome", abstained ? "abstained" : row.correct() ? "correct" : "wrong");
    double seconds = seconds(image);
    if (!Double.isNaN(seconds)) {
      node.put("seconds", seconds);
    }
    if (image.certified != null) {
      node.put("bound", image.certified.certificate().pABar());
      counts(node.putArray("counts"), image.counts);
      if (image.certified.notFinite() > 0) {
        node.put("notFinite", image.certified.notFinite());
      }
    }
    return node;
  }

  /** The classes with the most copies, in descending order. */
  private static void counts(ArrayNode node, long[] counts) {
    IntStream.range(0, counts.length)
        .filter(c -> counts[c] > 0)
        .boxed()
        .sorted((a, b) -> Long.compare(counts[b], counts[a]))
        .limit(MAX_COUNTS)
        .forEach(c -> node.addArray().add(c).add(counts[c]));
  }

  /**
   * Enters a picture of the {@code i}-th image if there is one.
   *
   * @param rank 0 the image, 1 the noisy copy, 2 what the first vote made of it, …
   */
  void addPicture(ObjectNode node, int i, int rank, EmbeddedPictures pictures) {
    Image image = images.get(i);
    PictureFiles files = new PictureFiles(run.pictures());
    int vote = rank - 1;
    Integer place =
        pictures.add(
            switch (rank) {
              case 0 -> files.image(image.row.idx());
              case 1 -> files.noisy(image.row.idx());
              default -> files.vote(image.row.idx(), vote);
            });
    if (place == null) {
      return;
    }
    ObjectNode picture = node.withArray("pictures").addObject().put("png", place);
    picture.put("name", rank == 0 ? "image" : rank == 1 ? "noisy" : "vote " + vote);
    boolean classified = rank > 1 || rank == 1 && !denoises();
    int said = Math.max(0, vote - 1);
    if (classified && said < image.votes.size()) {
      int label = image.votes.get(said);
      if (label == VoteBoard.UNKNOWN) {
        picture.put("name", "vote " + vote + ", not cast");
      } else if (label == VoteBoard.NOT_FINITE) {
        picture.put("name", picture.get("name").asText() + ", not finite");
      } else {
        picture.put("label", label);
      }
    }
  }

  private boolean denoises() {
    return header == null || header.config().has("denoising");
  }
}
