package io.densepure.compute;

/** Which quantity of one reverse step {@link Ops#ddpmStep} returns. */
public enum DdpmOutput {
  /** x_{t-1}, drawn from the posterior. */
  SAMPLE,
  /** The clamped prediction of x_0. */
  PRED_XSTART,
  /** The mean of the posterior. */
  MEAN,
  /** The log variance of the posterior. */
  LOG_VARIANCE
}
