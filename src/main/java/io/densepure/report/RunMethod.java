package io.densepure.report;

import io.densepure.certify.RunHeader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a run denoised.
 *
 * @param name for people, as {@code 10 steps, 40 votes}; empty if unknown
 * @param oneShot Carlini et al.'s single call of the diffusion model
 * @param steps of the reverse process; null where that is not a number of steps
 */
public record RunMethod(String name, boolean oneShot, Integer steps) {
  static final RunMethod UNKNOWN = new RunMethod("", false, null);
  private static final Pattern STEPS = Pattern.compile("Steps\\[count=(\\d{1,6})]");

  static RunMethod of(RunHeader header) {
    String denoising = header.config().path("denoising").asText();
    String votes = header.plan().votes() == 1 ? "" : ", %d votes".formatted(header.plan().votes());
    Matcher steps = STEPS.matcher(denoising);
    if (denoising.isEmpty()) {
      return new RunMethod("no denoising", false, null);
    }
    if (steps.matches()) {
      int count = Integer.parseInt(steps.group(1));
      return new RunMethod(count + (count == 1 ? " step" : " steps") + votes, false, count);
    }
    boolean oneShot = denoising.startsWith("OneShot");
    return new RunMethod((oneShot ? "one-shot" : "full chain") + votes, oneShot, null);
  }
}
