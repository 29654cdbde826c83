package io.densepure.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.certify.CertifiedImage;
import io.densepure.certify.Guarantee;
import io.densepure.certify.SamplingPlan;
import io.densepure.compute.DType;
import io.densepure.compute.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class InMemoryRunTest {
  private static final Shape IMAGE = Shape.of(3, 2, 4);

  private static float[] image(int index) {
    float[] pixels = new float[(int) IMAGE.elements()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (index + i) / 64f;
    }
    return pixels;
  }

  /** One copy each for selection and estimation, with next to no noise and no denoiser. */
  private static List<CertifiedImage> run(HostClassifier classifier, Integer... indices) {
    CertifyRequest.Sampling sampling =
        new CertifyRequest.Sampling(new SamplingPlan(1, 1, 1), Guarantee.FIXED, 0.3, true);
    List<CertifiedImage> results = new ArrayList<>();
    try (Devices devices = Backends.openAll("cpu", null, 1);
        InMemoryRun run =
            new InMemoryRun(
                devices,
                null,
                IMAGE,
                new SmoothingNoise(1e-6, 0, List.of(0L)),
                sampling,
                new Execution(0, DType.F32),
                classifier,
                line -> {})) {
      run.certify(List.of(indices), InMemoryRunTest::image, index -> index, results::add);
    }
    return results;
  }

  @Test
  void aClassifierGetsChannelsFirst() {
    List<float[]> seen = new ArrayList<>();
    List<Shape> shapes = new ArrayList<>();
    run(
        (pixels, shape) -> {
          seen.add(pixels.clone());
          shapes.add(shape);
          return new float[shape.dim(0)][2];
        },
        7);
    int elements = (int) IMAGE.elements();
    Shape shape = shapes.get(shapes.size() - 1);
    int count = shape.dim(0); // lanes of image 7, the last one again and again
    float[] batch = new float[count * elements];
    for (int slot = 0; slot < count; slot++) {
      System.arraycopy(image(7), 0, batch, slot * elements, elements);
    }
    assertArrayEquals(batch, seen.get(seen.size() - 1), 1e-4f);
    assertEquals(List.of(count, 3, 2, 4), dims(shape));
  }

  /** The same scores for each image. */
  private static float[][] repeated(Shape batch, float... scores) {
    return Stream.generate(scores::clone).limit(batch.dim(0)).toArray(float[][]::new);
  }

  private static List<Integer> dims(Shape shape) {
    return List.of(shape.dim(0), shape.dim(1), shape.dim(2), shape.dim(3));
  }

  @Test
  void imagesKeepTheirIndexLabelAndOrder() {
    List<CertifiedImage> results = run((pixels, shape) -> repeated(shape, 0, 1, 1), 9, 4, 9);
    assertEquals(List.of(9, 4), results.stream().map(CertifiedImage::index).toList());
    assertEquals(List.of(9, 4), results.stream().map(CertifiedImage::label).toList());
    assertEquals(1, results.get(0).certificate().nA()); // of equal scores the first one's class
  }

  @Test
  void aClassifierWithoutAnyFiniteScoreIsRefused() {
    HostClassifier broken = (pixels, shape) -> repeated(shape, 0, Float.NaN);
    InputException e = assertThrows(InputException.class, () -> run(broken, 9));
    assertTrue(e.getMessage().contains("none of 2 lanes gave a finite result"), e.getMessage());
  }
}
