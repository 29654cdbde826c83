package io.densepure.diffusion;

import io.densepure.InputException;
import java.util.TreeSet;

/**
 * Chooses which timesteps of a diffusion are kept ({@code respace.py, space_timesteps}): {@code ""}
 * all, {@code "250"} as many evenly spaced, {@code "10,15,20"} so many in each of three equal
 * sections, {@code "ddim50"} as many with one integer stride.
 */
final class TimestepRespacing {
  private static final String DDIM = "ddim";

  private TimestepRespacing() {}

  /**
   * @param steps T of the original diffusion
   * @return the timesteps kept, ascending
   * @throws InputException if T cannot be divided so
   */
  static int[] of(int steps, String respacing) {
    TreeSet<Integer> kept = new TreeSet<>();
    if (respacing.startsWith(DDIM)) {
      addStrided(kept, steps, count(respacing.substring(DDIM.length()), respacing));
    } else {
      String[] sections =
          respacing.isEmpty() ? new String[] {Integer.toString(steps)} : respacing.split(",", -1);
      int start = 0;
      for (int i = 0; i < sections.length; i++) {
        int size = steps / sections.length + (i < steps % sections.length ? 1 : 0);
        addSection(kept, start, size, count(sections[i], respacing));
        start += size;
      }
    }
    return kept.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void addStrided(TreeSet<Integer> kept, int steps, int count) {
    for (int stride = 1; stride < steps; stride++) {
      if ((steps + stride - 1) / stride == count) {
        for (int t = 0; t < steps; t += stride) {
          kept.add(t);
        }
        return;
      }
    }
    throw InputException.of(
        "timestep_respacing '%s%d': no integer stride takes exactly %d of %d steps",
        DDIM, count, count, steps);
  }

  private static void addSection(TreeSet<Integer> kept, int start, int size, int count) {
    if (count > size) {
      throw InputException.of(
          "timestep_respacing asks for %d of a section's %d steps", count, size);
    }
    double stride = count == 1 ? 1 : (size - 1.0) / (count - 1);
    double at = 0;
    for (int i = 0; i < count; i++) {
      kept.add(start + TimestepMap.round(at));
      at += stride;
    }
  }

  private static int count(String number, String respacing) {
    try {
      int count = Integer.parseInt(number.trim());
      if (count >= 1) {
        return count;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw InputException.of(
        "timestep_respacing %s is not a list of positive counts or ddim and a count",
        InputException.quote(respacing));
  }
}
