package io.densepure.pipeline;

import io.densepure.certify.Lane;
import java.util.List;

/** What of a lane is computed on the host: its image, with or without its noise. */
interface LaneImages {
  /** {@code [batch, H, W, C]}; slots without a lane repeat the last one. */
  float[] batch(List<Lane> lanes, int batch);
}
