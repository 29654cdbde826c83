package io.densepure.compute;

/**
 * What a convolution or a linear layer does to its result before storing it, in this order: add the
 * bias, add the residual, apply the activation, round to the output dtype.
 *
 * @param activation applied last
 * @param residual of the result's shape and dtype, or null
 * @param out dtype of the result, or null for the input's
 */
public record Epilogue(Activation activation, Tensor residual, DType out) {
  /** Bias only. */
  public static final Epilogue NONE = new Epilogue(Activation.NONE, null, null);

  public static Epilogue activation(Activation activation) {
    return new Epilogue(activation, null, null);
  }

  public static Epilogue residual(Tensor residual) {
    return new Epilogue(Activation.NONE, residual, null);
  }

  public Epilogue then(Activation activation) {
    return new Epilogue(activation, residual, out);
  }

  /** The dtype of the result for input {@code x}. */
  public DType resultType(Tensor x) {
    return out == null ? x.dtype() : out;
  }

  /** Store the result as {@code dtype} whatever the input's dtype is. */
  public Epilogue as(DType dtype) {
    return new Epilogue(activation, residual, dtype);
  }
}
