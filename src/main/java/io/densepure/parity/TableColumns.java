package io.densepure.parity;

import io.densepure.diffusion.DiffusionTables;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/** The tables of a diffusion by the names that the original gives them. */
final class TableColumns {
  private TableColumns() {}

  /**
   * One table, entry by entry.
   *
   * @throws UnsupportedCase if there is no table of that name
   */
  static double[] of(DiffusionTables tables, String name) {
    Map<String, IntToDoubleFunction> columns =
        Map.of(
            "betas", tables::beta,
            "alphas_cumprod", tables::alphaCumprod,
            "alphas_cumprod_prev", tables::alphaCumprodPrev,
            "sqrt_recip_alphas_cumprod", tables::sqrtRecipAlphaCumprod,
            "sqrt_recipm1_alphas_cumprod", tables::sqrtRecipM1AlphaCumprod,
            "posterior_variance", tables::posteriorVariance,
            "posterior_log_variance_clipped", tables::posteriorLogVarianceClipped,
            "posterior_mean_coef1", tables::posteriorMeanCoef1,
            "posterior_mean_coef2", tables::posteriorMeanCoef2);
    IntToDoubleFunction column = columns.get(name);
    if (column == null) {
      throw new UnsupportedCase("there is no table " + name);
    }
    double[] out = new double[tables.steps()];
    for (int t = 0; t < out.length; t++) {
      out[t] = column.applyAsDouble(t);
    }
    return out;
  }
}
