package io.densepure.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final double INF = Double.POSITIVE_INFINITY;
  private static final double NAN = Double.NaN;

  @Test
  void percentIsTheLargestShareOfTheAllowedDistance() {
    // allowed: 0.1 + 0.5*1 = 0.6 and 0.1 + 0.5*10 = 5.1
    TensorRow row = compare(new double[] {1, -10}, new double[] {1.3, -9}, new Tolerance(0.5, 0.1));
    assertTrue(row.passed());
    assertEquals(50, row.percentOfTolerance(), 1e-9);
    assertEquals(1, row.maxAbsError(), 1e-9);
  }

  @Test
  void theToleranceItselfIsStillAllowed() {
    assertTrue(compare(new double[] {2}, new double[] {2.25}, new Tolerance(0, 0.25)).passed());
    assertFalse(
        compare(new double[] {2}, new double[] {Math.nextUp(2.25)}, new Tolerance(0, 0.25))
            .passed());
  }

  @Test
  void specialValuesMustBeTheSameAtTheSamePlace() {
    Tolerance wide = new Tolerance(1, 1e9);
    double[] golden = {NAN, INF, -INF, 1};
    assertTrue(compare(golden, golden.clone(), wide).passed());
    assertFalse(compare(golden, new double[] {0, INF, -INF, 1}, wide).passed());
    assertFalse(compare(golden, new double[] {NAN, INF, -INF, NAN}, wide).passed());
    assertFalse(compare(golden, new double[] {NAN, -INF, -INF, 1}, wide).passed());
    assertFalse(compare(golden, new double[] {NAN, 1e300, -INF, 1}, wide).passed());
    assertFalse(compare(new double[] {1}, new double[] {INF}, wide).passed());
  }

  @Test
  void anExactToleranceAllowsNothing() {
    assertTrue(compare(new double[] {0.1}, new double[] {0.1}, Tolerance.EXACT).passed());
    TensorRow row = compare(new double[] {0.1}, new double[] {Math.nextUp(0.1)}, Tolerance.EXACT);
    assertFalse(row.passed());
    assertEquals(INF, row.percentOfTolerance());
  }

  @Test
  void namesThePlaceOfTheWorstValue() {
    Comparison comparison = new Comparison();
    HostTensor golden = HostTensor.of("g", Shape.of(2, 3), 0, 0, 0, 0, 0, 0);
    float[] actual = {0, 2, 0, 0, 0, 3};
    comparison.close("x", golden, Shape.of(2, 3), actual, new Tolerance(0, 1));
    assertEquals(
        "2 of 6 values beyond the tolerance, worst at [1, 2]: 3.0 instead of 0.0",
        comparison.rows().get(0).message());
  }

  @Test
  void equallyManyElementsInAnotherShapeFail() {
    Comparison comparison = new Comparison();
    HostTensor golden = HostTensor.of("g", Shape.of(2, 3), 0, 0, 0, 0, 0, 0);
    comparison.close("x", golden, Shape.of(3, 2), new float[6], new Tolerance(1, 1));
    comparison.close("y", new double[2], new double[3], new Tolerance(1, 1));
    comparison.exact("z", new long[2], new long[1]);
    assertTrue(comparison.rows().stream().noneMatch(TensorRow::passed));
  }

  @Test
  void sixteenBitToleranceFollowsTheSizeOfTheArray() {
    Tolerance fp32 = new Tolerance(1e-4, 1e-4);
    HostTensor golden = HostTensor.of("g", Shape.of(4), 3, -3, 3, Float.NaN);
    assertEquals(fp32, new Precision(DType.F32, fp32).elementwise(golden));
    Tolerance bf16 = new Precision(DType.BF16, fp32).elementwise(golden);
    assertEquals(3 * bf16.rtol(), bf16.atol(), 1e-12);
    Tolerance fp16 = new Precision(DType.F16, fp32).elementwise(golden);
    assertEquals(8, bf16.rtol() / fp16.rtol(), 1e-12);
  }

  /** A tenth of r on every value: within 32 roundings of bf16, but not within 8 on the whole. */
  @Test
  void sixteenBitErrorsMustBeSmallOnTheWholeToo() {
    HostTensor golden = HostTensor.of("g", Shape.of(4), 2, -2, 2, -2);
    Precision bf16 = new Precision(DType.BF16, new Tolerance(1e-4, 1e-4));
    Comparison one = new Comparison();
    bf16.compare(one, "x", golden, golden.shape(), new float[] {2.1f, -2, 2, -2});
    assertTrue(one.rows().stream().allMatch(TensorRow::passed));
    Comparison all = new Comparison();
    bf16.compare(all, "x", golden, golden.shape(), new float[] {2.2f, -2.2f, 2.2f, -2.2f});
    assertTrue(all.rows().get(0).passed());
    assertFalse(all.rows().get(1).passed());
    Comparison fp32 = new Comparison();
    new Precision(DType.F32, new Tolerance(0, 1))
        .compare(fp32, "x", golden, golden.shape(), new float[] {2.2f, -2.2f, 2.2f, -2.2f});
    assertEquals(1, fp32.rows().size());
  }

  /** Only in arrays where the original has such values too. */
  @Test
  void sixteenBitsNeedNotGiveTheSameNanAndInfinity() {
    Precision bf16 = new Precision(DType.BF16, new Tolerance(1e-4, 1e-4));
    float nan = Float.NaN;
    float inf = Float.POSITIVE_INFINITY;
    assertTrue(passes(bf16, new float[] {nan, inf, 1, 1}, new float[] {-inf, nan, nan, 1}));
    assertFalse(passes(bf16, new float[] {nan, inf, 1, 1}, new float[] {nan, inf, 1, 2}));
    assertFalse(passes(bf16, new float[] {1, 1, 1, 1}, new float[] {1, 1, nan, 1}));
    Precision fp32 = new Precision(DType.F32, new Tolerance(1e-4, 1e-4));
    assertFalse(passes(fp32, new float[] {nan, 1, 1, 1}, new float[] {-inf, 1, 1, 1}));
  }

  private static boolean passes(Precision precision, float[] golden, float[] actual) {
    Comparison comparison = new Comparison();
    HostTensor tensor = HostTensor.of("g", Shape.of(golden.length), golden);
    precision.compare(comparison, "x", tensor, tensor.shape(), actual);
    return comparison.rows().stream().allMatch(TensorRow::passed);
  }

  private static TensorRow compare(double[] golden, double[] actual, Tolerance tolerance) {
    Comparison comparison = new Comparison();
    comparison.close("x", golden, actual, tolerance);
    return comparison.rows().get(0);
  }
}
