package io.densepure.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The headings of {@code --help}, in their order there. */
enum HelpSection {
  IMAGES("Which images"),
  NOISE("Noise and certificate"),
  VOTES("Denoising and votes"),
  FILES("Where votes and labels are"),
  MODELS("Data and models"),
  COMPUTE("Where it computes"),
  OUTPUT("Output"),
  GENERAL("General"),
  ORIGINAL("The original's flags: other words for those above, or without effect");

  private final String heading;

  HelpSection(String heading) {
    this.heading = heading;
  }

  String heading() {
    return heading;
  }

  /** Where an option is shown: on its field, or on a class for all of its options. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.FIELD, ElementType.TYPE})
  @interface In {
    HelpSection value();
  }
}
