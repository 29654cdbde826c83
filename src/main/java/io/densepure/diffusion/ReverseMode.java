package io.densepure.diffusion;

import java.io.Serializable;

/** How many steps of the reverse process are taken. */
public sealed interface ReverseMode extends Serializable {
  /**
   * One call of the model, whose prediction of x_0 is the result (Carlini et al. 2022; {@code
   * --use_one_step}).
   *
   * @param tPlus added to the timestep ({@code --t_plus})
   */
  record OneShot(int tPlus) implements ReverseMode {}

  /**
   * {@code count} steps evenly spaced in time (paper, section 4.2; {@code --use_t_steps
   * --num_t_steps}).
   */
  record Steps(int count) implements ReverseMode {}

  /** Every timestep of the schedule. */
  record Full() implements ReverseMode {}
}
