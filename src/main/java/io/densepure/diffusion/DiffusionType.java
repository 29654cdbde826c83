package io.densepure.diffusion;

import io.densepure.InputException;
import java.util.Locale;

/**
 * The original's {@code --diffusion_type}: which of its two runners, with their different ideas of
 * time, is followed.
 */
public enum DiffusionType {
  /**
   * {@code runners/diffpure_ddpm_densepure.py}: improved-diffusion, cosine schedule. Noise levels
   * and few-step tables come from the schedule's continuous function.
   */
  DDPM,
  /**
   * {@code runners/diffpure_guided_densepure.py}: guided-diffusion, any schedule. Noise levels and
   * few-step tables are looked up in the schedule's tables.
   */
  GUIDED_DDPM;

  /** The name on the command line: {@code ddpm}, {@code guided-ddpm}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * @throws InputException if there is no such type
   */
  public static DiffusionType of(String label) {
    for (DiffusionType type : values()) {
      if (type.label().equals(label)) {
        return type;
      }
    }
    throw InputException.of(
        "diffusion_type %s is neither ddpm nor guided-ddpm", InputException.quote(label));
  }
}
