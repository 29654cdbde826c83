package io.densepure.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.InputException;
import io.densepure.certify.Certificate;
import io.densepure.certify.CertifiedImage;
import io.densepure.cli.Cli;
import io.densepure.data.Dataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library gives what the command line gives, for a classifier that it knows nothing about. */
class CertifierTest {
  private static final List<Integer> IDS = List.of(7, 0, 23);

  private static NetworkClassifier mine;
  private static Denoiser denoiser;
  private static Dataset data;

  @BeforeAll
  static void open() {
    mine = new NetworkClassifier();
    denoiser = Denoiser.bundled().backend("cpu").sigma(0.25).steps(2).batch(24).open();
    data = denoiser.dataset();
  }

  @AfterAll
  static void close() {
    denoiser.close();
    mine.close();
  }

  private static Certifier.Builder certifier() {
    return Certifier.of(denoiser, mine).n0(5).n(30).votes(3).alpha(0.01);
  }

  private static float[] image(int index) {
    return data.image(index).ravel().toFloatVector();
  }

  private static JsonNode json(Cli run) throws IOException {
    assertEquals(0, run.exit(), run.err());
    return new ObjectMapper().readTree(run.out());
  }

  private static JsonNode certifyCommand(Path dir, Object... more) throws IOException {
    List<Object> words =
        new ArrayList<>(
            List.of("certify", "--ids", "7,0,23", "--sigma", "0.25", "--n0", "5", "--n", "30"));
    words.addAll(List.of("--steps", "2", "--votes", "3", "--alpha", "0.01", "--json"));
    words.addAll(List.of("--out", dir.resolve("table"), "--batch", "32"));
    words.addAll(List.of(more));
    return json(Cli.run(words.toArray())).path("runs").path(0).path("images");
  }

  private static void assertSame(JsonNode command, List<CertifiedImage> library) {
    assertEquals(IDS.size(), command.size());
    assertEquals(IDS.size(), library.size());
    for (int i = 0; i < IDS.size(); i++) {
      CertifiedImage image = library.get(i);
      Certificate certificate = image.certificate();
      JsonNode row = command.get(i);
      assertEquals(row.path("idx").intValue(), image.index());
      assertEquals(row.path("label").intValue(), image.label());
      assertEquals(row.path("predict").intValue(), certificate.prediction());
      assertEquals(row.path("radius").doubleValue(), certificate.radius());
      assertEquals(row.path("pABar").doubleValue(), certificate.pABar());
      assertEquals(row.path("nA").longValue(), certificate.nA());
    }
  }

  @Test
  void certificatesAreThoseOfTheCommand(@TempDir Path dir) throws IOException {
    try (Certifier certifier = certifier().open()) {
      assertEquals(10, certifier.classes());
      List<Integer> heard = new ArrayList<>();
      List<CertifiedImage> results =
          certifier.certify(data, IDS, image -> heard.add(image.index()));
      assertSame(certifyCommand(dir), results);
      assertEquals(IDS, heard);
      assertTrue(results.stream().anyMatch(r -> r.certificate().radius() > 0));
    }
  }

  @Test
  void soTheyAreWithOtherSeedsAndEveryVote(@TempDir Path dir) throws IOException {
    try (Certifier certifier = certifier().seed(5).reverseSeed(9).exhaustive().open()) {
      assertSame(
          certifyCommand(dir, "--seed", 5, "--reverse-seed", 9, "--exhaustive"),
          certifier.certify(data, IDS, image -> {}));
    }
  }

  @Test
  void soTheyAreWithTargetRadii(@TempDir Path dir) throws IOException {
    try (Certifier certifier = certifier().targetRadii(0.1).open()) {
      assertSame(
          certifyCommand(dir, "--sampling", "adaptive", "--target-radius", "0.1"),
          certifier.certify(data, IDS, image -> {}));
    }
  }

  @Test
  void predictionsAreThoseOfTheCommand() throws IOException {
    String words = "predict --ids 0,1,2 --sigma 0.25 --n 20 --steps 2 --alpha 0.01 --json";
    JsonNode command = json(Cli.run((Object[]) words.split(" "))).path("images");
    try (Certifier certifier = certifier().votes(1).open()) {
      List<Integer> predictions = certifier.predict(List.of(image(0), image(1), image(2)), 20);
      for (int i = 0; i < 3; i++) {
        assertEquals(command.path(i).path("predict").intValue(), predictions.get(i));
      }
    }
  }

  @Test
  void anImageIsCertifiedTheSameAloneAndAmongOthers() {
    try (Certifier certifier = certifier().votes(1).open()) {
      List<Certificate> together = certifier.certify(List.of(image(3), image(4)));
      assertEquals(together.get(0), certifier.certify(image(3)));
      assertNotEquals(together.get(0), together.get(1));
    }
  }

  @Test
  void denoisedImagesAreThoseThatTheClassifierSees() {
    float[] denoised = denoiser.denoise(0, image(0));
    List<float[]> seen = new ArrayList<>();
    Classifier watching =
        images -> {
          seen.add(images.pixels().clone());
          return mine.logits(images);
        };
    try (Certifier certifier = Certifier.of(denoiser, watching).open()) {
      certifier.predict(image(0), 1);
    }
    float[] first = new float[denoised.length];
    System.arraycopy(seen.get(1), 0, first, 0, first.length); // seen.get(0) is black
    assertArrayEquals(denoised, first);
  }

  @Test
  void labelsWillDo() {
    Classifier labels = Classifier.ofLabels(4, images -> new int[images.count()]);
    try (Certifier certifier = Certifier.of(denoiser, labels).n0(5).n(40).open()) {
      assertEquals(4, certifier.classes());
      Certificate certificate = certifier.certify(image(0));
      assertEquals(0, certificate.prediction());
      assertEquals(40, certificate.nA());
    }
  }

  @Test
  void aClassifierThatAnswersWronglyIsToldSo() {
    assertComplaint("gave 1 rows of scores for a batch of ", images -> new float[1][10]);
    assertComplaint("gave no rows", images -> null);
    assertComplaint("tells 1 classes apart", images -> new float[images.count()][1]);
    assertComplaint(
        "gave 3 scores for an image, where others have 2",
        images -> {
          float[][] rows = new float[images.count()][2];
          rows[images.count() - 1] = new float[3];
          return rows;
        });
  }

  private static void assertComplaint(String words, Classifier classifier) {
    InputException e = assertThrows(InputException.class, Certifier.of(denoiser, classifier)::open);
    assertTrue(e.getMessage().contains(words), e.getMessage());
  }

  @Test
  void votesThatWouldAllAgreeAreRefused() {
    try (Denoiser oneShot = Denoiser.bundled().backend("cpu").sigma(0.25).open()) {
      Certifier.Builder three = Certifier.of(oneShot, mine).votes(3);
      assertThrows(InputException.class, three::open);
    }
  }

  @Test
  void anImageOfAnotherSizeIsRefused() {
    try (Certifier certifier = certifier().open()) {
      assertThrows(IllegalArgumentException.class, () -> certifier.certify(new float[28 * 28]));
    }
  }
}
