package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.densepure.InputException;
import java.util.List;
import org.junit.jupiter.api.Test;

class CertifiedAccuracyTest {
  private static final CertifiedAccuracy ACCURACY =
      new CertifiedAccuracy(
          List.of(
              new ResultRow(0, 1, 1, 0.5, true, null),
              new ResultRow(1, 2, 2, 0.25, true, null),
              new ResultRow(2, 3, 5, 0.9, false, null),
              new ResultRow(3, 3, -1, 0.0, false, null),
              new ResultRow(4, 3, 3, 0.0, true, null)));

  @Test
  void countsRightPredictionsOfAtLeastTheRadius() {
    assertEquals(0.6, ACCURACY.atRadius(0));
    assertEquals(0.4, ACCURACY.atRadius(0.25));
    assertEquals(0.2, ACCURACY.atRadius(0.26));
    assertEquals(0.2, ACCURACY.atRadius(0.5));
    assertEquals(0, ACCURACY.atRadius(0.51));
  }

  @Test
  void abstentionAndAverageRadius() {
    assertEquals(0.2, ACCURACY.abstentionRate());
    assertEquals(0.15, ACCURACY.averageCertifiedRadius(), 1e-15);
    assertEquals(5, ACCURACY.images());
  }

  @Test
  void originalsMergedTable() {
    CertifiedAccuracy accuracy =
        new CertifiedAccuracy(
            ResultRow.read(
                StatsReference.FOLDER.resolve("merge_cifar/cifar10_0.25_merge_results.txt")));
    assertEquals(0.6, accuracy.atRadius(0));
    assertEquals(0.4, accuracy.atRadius(0.25));
    assertEquals(0.2, accuracy.atRadius(0.5));
    assertEquals(0.4, accuracy.abstentionRate());
  }

  @Test
  void nothingHasNoAccuracy() {
    assertThrows(InputException.class, () -> new CertifiedAccuracy(List.of()));
  }
}
