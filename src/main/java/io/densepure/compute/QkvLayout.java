package io.densepure.compute;

/** How the 3·C channels of a joint query-key-value tensor are ordered, outermost first. */
public enum QkvLayout {
  /** {@code [head][q|k|v][channel]}: improved-diffusion's, and guided-diffusion's legacy order. */
  HEADS_FIRST,
  /** {@code [q|k|v][head][channel]}: guided-diffusion's new order, ViT, BEiT. */
  QKV_FIRST
}
