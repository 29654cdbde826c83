package io.densepure.cli;

import io.densepure.config.ClassifierConfig;
import io.densepure.config.DiffusionConfig;
import io.densepure.config.SetupConfig;
import io.densepure.pipeline.Recognition;
import io.densepure.pipeline.Setup;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** Which images and networks: a configuration file, and flags that change parts of it. */
@HelpSection.In(HelpSection.MODELS)
final class SetupOptions {
  private static final Pattern CHECKPOINT =
      Pattern.compile(".*\\.(safetensors|pt|pth|t7|tar|bin|ckpt|json)");

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "YAML file, also looked for in configs/, or a built-in one: fashion-mnist, cifar10,"
              + " imagenet. Default: fashion-mnist, which needs no files; with --domain, that one.")
  private String config;

  @Option(
      names = "--domain",
      paramLabel = "NAME",
      description =
          "Built-in configuration that fills in what the file leaves out (the original's"
              + " cifar10.yml leaves out nearly all).")
  private String domain;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description = "File or folder of the images. Default: datasets/NAME, or the bundled ones.")
  private String data;

  @Option(
      names = {"--classifier", "--advanced_classifier"},
      paramLabel = "NAME",
      description = "One of the configuration's classifiers. Default: its first one.")
  private String classifier;

  @Option(
      names = "--classifier-checkpoint",
      paramLabel = "FILE",
      description = "Weights of the classifier (.safetensors, .pt, .pth, .t7).")
  private String classifierCheckpoint;

  @Option(
      names = "--classifier_sigma",
      paramLabel = "S",
      description =
          "For the classifier 'rs': noise that its weights were trained with, as in their path.")
  private String classifierSigma;

  @Option(
      names = "--diffusion_type",
      paramLabel = "TYPE",
      description = "ddpm or guided-ddpm. Default: the configuration's.")
  private String diffusionType;

  @Option(
      names = "--diffusion-checkpoint",
      paramLabel = "FILE",
      description = "Weights of the diffusion model (.safetensors, .pt).")
  private String diffusionCheckpoint;

  @Option(
      names = {"--t-total", "--t_total"},
      paramLabel = "T",
      description = "Length of the ddpm diffusion process. Default: the configuration's.")
  private Integer tTotal;

  /**
   * Takes a configuration, or a checkpoint in place of the configuration's.
   *
   * @throws InputException if it looks like a checkpoint and cannot be read
   */
  void take(String configOrCheckpoint) {
    if (!CHECKPOINT.matcher(configOrCheckpoint).matches()) {
      config = configOrCheckpoint;
    } else if (Recognition.isDiffusionModel(configOrCheckpoint)) {
      diffusionCheckpoint = configOrCheckpoint;
    } else {
      classifierCheckpoint = configOrCheckpoint;
    }
  }

  /** Name of the chosen classifier, or null for the first. */
  String classifier() {
    return classifier;
  }

  Setup load() {
    String usual = domain == null ? "fashion-mnist" : domain;
    SetupConfig c = SetupConfig.load(config == null ? usual : config, domain);
    DiffusionConfig diffusion = c.diffusion();
    if (diffusionType != null) {
      diffusion = new DiffusionConfig(diffusionType, diffusion.checkpoint(), diffusion.model());
    }
    if (diffusionCheckpoint != null) {
      diffusion = diffusion.withCheckpoint(diffusionCheckpoint);
    }
    // As in the original, the length of guided-diffusion's process is not this flag's business.
    if (tTotal != null && !diffusion.guided()) {
      diffusion = diffusion.with("diffusion_steps", tTotal);
    }
    Map<String, ClassifierConfig> classifiers = new LinkedHashMap<>(c.classifiers());
    ClassifierConfig chosen = c.classifier(classifier);
    classifiers.put(
        chosen.name(),
        classifierCheckpoint == null
            ? chosen.withSigma(classifierSigma)
            : chosen.withCheckpoint(classifierCheckpoint));
    return new Setup(
        new SetupConfig(
            c.source(),
            c.directory(),
            data == null ? c.dataset() : c.dataset().withPath(data),
            diffusion,
            classifiers));
  }
}
