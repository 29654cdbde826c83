package io.densepure.fuzz;

import io.densepure.InputException;
import io.densepure.config.SetupConfig;
import io.densepure.diffusion.DiffusionSettings;
import io.densepure.diffusion.DiffusionType;
import io.densepure.download.Catalogue;
import io.densepure.download.Library;
import io.densepure.model.UNetSettings;
import io.densepure.pipeline.Setup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** YAML: configurations, and what can be downloaded. */
final class ConfigTargets {
  private ConfigTargets() {}

  /** A configuration, down to the networks' settings and the files that it names. */
  static void config(byte[] input, Path folder) throws IOException {
    Path file = Files.write(folder.resolve("own.yml"), input);
    Setup setup = new Setup(SetupConfig.load(file.toString(), "cifar10"));
    tryEach(
        () -> UNetSettings.fromFlags(setup.config().diffusion().model(), family(setup)),
        () -> UNetSettings.fromConstructor(setup.config().diffusion().model(), family(setup)),
        () ->
            DiffusionSettings.fromFlags(
                setup.config().diffusion().model(),
                DiffusionType.of(setup.config().diffusion().type()),
                1000),
        setup::imageSize,
        setup::imageChannels,
        setup::dataset,
        setup::diffusionModel,
        () -> setup.config().classifiers().keySet().forEach(c -> setup.config().classifier(c)));
  }

  private static UNetSettings.Family family(Setup setup) {
    return setup.config().diffusion().guided()
        ? UNetSettings.Family.GUIDED
        : UNetSettings.Family.IMPROVED;
  }

  /**
   * All of them, even if some refuse; then what one of them said, for its message to be checked.
   */
  private static void tryEach(Runnable... steps) {
    InputException refused = null;
    for (Runnable step : steps) {
      try {
        step.run();
      } catch (InputException e) {
        refused =
            refused == null || e.getMessage().length() > refused.getMessage().length()
                ? e
                : refused;
      }
    }
    if (refused != null) {
      throw refused;
    }
  }

  /** A catalogue of downloads: whatever it says, its files lie below the folder of downloads. */
  static void catalogue(byte[] input, Path folder) throws IOException {
    Path home = folder.resolve("home");
    for (Catalogue.Entry entry :
        Catalogue.read(Files.write(folder.resolve("downloads.yml"), input)).entries()) {
      new Library(home).state(entry);
      entry
          .files()
          .forEach(
              f -> {
                Path target = home.resolve(entry.folder()).resolve(f.name()).normalize();
                Oracle.require(
                    target.startsWith(home) && !target.equals(home),
                    "leaves the folder: " + target);
              });
    }
  }
}
