package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Certificates from boards with holes, against all ways to fill these. */
class OfflineCertifierTest {
  private static final int CLASSES = 3;
  private static final SamplingPlan PLAN = new SamplingPlan(3, 7, 3);
  private static final int MAX_HOLES = 5;

  private final VoteCertifier certifier = new VoteCertifier(0.5, 0.2);
  private final OfflineCertifier offline = new OfflineCertifier(certifier);

  @Test
  void votesNotCastCanOnlyImproveACertificateAndOpenSaysWhetherTheyCan() {
    Random random = new Random(4);
    int opened = 0;
    int certified = 0;
    for (int round = 0; round < 400; round++) {
      int[] labels = new int[PLAN.lanes()];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = random.nextInt(8) < 7 ? 1 : random.nextInt(CLASSES);
      }
      for (int hole = random.nextInt(MAX_HOLES + 1); hole > 0; hole--) {
        labels[random.nextInt(labels.length)] = VoteBoard.UNKNOWN;
      }
      OfflineCertificate found = offline.certify(board(labels), 1);
      Certificate certificate = found.certificate();
      boolean same = true;
      for (Certificate whole : completions(labels)) {
        assertTrue(
            certificate.abstains()
                || whole.prediction() == certificate.prediction()
                    && whole.radius() >= certificate.radius());
        same &= whole.prediction() == certificate.prediction();
        same &= whole.radius() == certificate.radius();
      }
      assertEquals(!same, found.open(), () -> found.toString());
      opened += found.open() ? 1 : 0;
      certified += certificate.abstains() ? 0 : 1;
    }
    assertTrue(opened > 20 && opened < 380 && certified > 50, opened + " " + certified);
  }

  @Test
  void withoutEnoughVotesForTheSelectionItAbstains() {
    int[] labels = new int[PLAN.lanes()];
    for (int vote = 0; vote < PLAN.votes() * PLAN.n0(); vote++) {
      labels[vote] = VoteBoard.UNKNOWN;
    }
    OfflineCertificate found = offline.certify(board(labels), 0);
    assertEquals(Certificate.ABSTAIN, found.certificate().prediction());
    assertTrue(found.open());
  }

  private static VoteBoard board(int[] labels) {
    VoteBoard board = new VoteBoard(0, PLAN, CLASSES);
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] != VoteBoard.UNKNOWN) {
        board.set(i, labels[i]);
      }
    }
    return board;
  }

  private List<Certificate> completions(int[] labels) {
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] == VoteBoard.UNKNOWN) {
        List<Certificate> all = new ArrayList<>();
        for (int label = 0; label < CLASSES; label++) {
          int[] filled = labels.clone();
          filled[i] = label;
          all.addAll(completions(filled));
        }
        return all;
      }
    }
    return List.of(certifier.certify(board(labels)));
  }
}
