package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VoteCertifierTest {
  private final StatsReference reference = new StatsReference();

  @Test
  void radiiAreThoseOfTheOriginal() {
    for (JsonNode c : reference.cases("radii")) {
      long k = c.get("k").asLong();
      long n = c.get("n").asLong();
      VoteCertifier certifier =
          new VoteCertifier(c.get("sigma").asDouble(), c.get("alpha").asDouble());
      Certificate certificate = certifier.certify(new long[] {1, 0}, new long[] {k, n - k});
      reference.assertClose(c.get("radius"), certificate.radius(), c);
      assertEquals(c.get("abstain").asBoolean(), certificate.abstains(), c.toString());
    }
    reference.printShareUsed("radii");
  }

  @Test
  void certifyAnswersAsTheOriginal() {
    for (JsonNode c : reference.cases("certify")) {
      int classes = c.get("classes").asInt();
      long[] selection = new long[classes];
      c.get("n0_predictions").forEach(label -> selection[label.asInt()]++);
      long[] estimation = new long[classes];
      for (int i = 0; i < classes; i++) {
        estimation[i] = c.get("n_counts").get(i).asLong();
      }
      VoteCertifier certifier =
          new VoteCertifier(c.get("sigma").asDouble(), c.get("alpha").asDouble());
      Certificate certificate = certifier.certify(selection, estimation);
      assertEquals(c.get("prediction").asInt(), certificate.prediction(), c.toString());
      assertEquals(c.get("n").asLong(), certificate.n(), c.toString());
      reference.assertClose(c.get("radius"), certificate.radius(), c);
    }
    reference.printShareUsed("certify");
  }

  @Test
  void selectionTieGoesToTheLowestClass() {
    Certificate certificate =
        new VoteCertifier(1, 0.001).certify(new long[] {0, 5, 5}, new long[] {0, 0, 100});
    assertEquals(new Certificate(Certificate.ABSTAIN, 0, 0, 0, 100), certificate);
    certificate = new VoteCertifier(1, 0.001).certify(new long[] {0, 5, 5}, new long[] {0, 100, 0});
    assertEquals(1, certificate.prediction());
    assertTrue(certificate.radius() > 0);
  }

  /** One sample at alpha = 0.5 gives pABar = 0.5 exactly: the original certifies radius 0. */
  @Test
  void abstainsOnlyStrictlyBelowOneHalf() {
    Certificate certificate = new VoteCertifier(1, 0.5).certify(new long[] {1}, new long[] {1});
    assertEquals(new Certificate(0, 0, 0.5, 1, 1), certificate);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesSigma(double sigma) {
    assertThrows(InputException.class, () -> new VoteCertifier(sigma, 0.001));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, -0.1, Double.NaN})
  void refusesAlpha(double alpha) {
    assertThrows(InputException.class, () -> new VoteCertifier(1, alpha));
    assertThrows(InputException.class, () -> new Predictor(alpha));
  }

  @Test
  void predictAbstainsWhenTheRunnerUpIsClose() {
    Predictor predictor = new Predictor(0.001);
    assertEquals(2, predictor.predict(new long[] {10, 0, 90}));
    assertEquals(Certificate.ABSTAIN, predictor.predict(new long[] {40, 0, 60}));
    assertEquals(Certificate.ABSTAIN, predictor.predict(new long[] {50, 50}));
    assertEquals(Certificate.ABSTAIN, predictor.predict(new long[] {0, 0}));
    // Ten to none: p = 2 / 1024, the smallest alpha at which ten votes decide.
    assertEquals(1, new Predictor(2 / 1024.0).predict(new long[] {0, 10}));
    assertEquals(Certificate.ABSTAIN, new Predictor(1.99 / 1024).predict(new long[] {0, 10}));
  }
}
