package io.densepure.compute.cuda;

import io.densepure.compute.DType;
import io.densepure.compute.Shape;

/**
 * Everything that decides how a convolution is computed.
 *
 * @param dtype of input, weights and result
 * @param x {@code [N, H, W, I]}
 * @param weight {@code [O, I, kh, kw]}
 * @param y {@code [N, OH, OW, O]}
 */
record ConvolutionShape(DType dtype, Shape x, Shape weight, Shape y, int stride, int padding) {}
