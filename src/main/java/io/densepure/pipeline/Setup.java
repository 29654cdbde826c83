package io.densepure.pipeline;

import io.densepure.InputException;
import io.densepure.config.ClassifierConfig;
import io.densepure.config.DatasetConfig;
import io.densepure.config.DiffusionConfig;
import io.densepure.config.InputConfig;
import io.densepure.config.SetupConfig;
import io.densepure.data.Dataset;
import io.densepure.data.Datasets;
import io.densepure.data.PictureSize;
import io.densepure.diffusion.DiffusionSettings;
import io.densepure.diffusion.DiffusionType;
import io.densepure.diffusion.ReverseMode;
import io.densepure.diffusion.ReversePlan;
import io.densepure.model.DiffusionModel;
import io.densepure.model.ImageClassifier;
import io.densepure.model.Preprocessing;
import io.densepure.model.UNet;
import io.densepure.model.UNetConfig;
import io.densepure.model.UNetSettings;
import io.densepure.weights.WeightStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes what a configuration describes: opens data sets and checkpoints, builds the networks and
 * checks that they fit each other.
 */
public final class Setup {
  private static final int GUIDED_STEPS = 1000;
  private static final int DDPM_STEPS = 4000;
  private static final String DIFFUSION_CHECKPOINT = "diffusion checkpoint";

  private final SetupConfig config;

  public Setup(SetupConfig config) {
    this.config = config;
  }

  /** A classifier and what is done to images before it. */
  public record LoadedClassifier(ImageClassifier network, Preprocessing preprocessing) {}

  public SetupConfig config() {
    return config;
  }

  /**
   * @throws InputException if the images are missing or broken
   */
  public Dataset dataset() {
    DatasetConfig d = config.dataset();
    return Datasets.open(
        d.name(),
        d.path() == null ? null : resolve(Path.of(d.path())),
        new PictureSize(d.resize(), d.crop()));
  }

  /**
   * @throws InputException naming the first index that is not in the data set
   */
  public void checkImages(List<Integer> images, Dataset data) {
    for (int image : images) {
      if (image < 0 || image >= data.size()) {
        throw InputException.of(
            "image %d does not exist: %s has images 0 to %d", image, data.name(), data.size() - 1);
      }
    }
  }

  private Path resolve(Path path) {
    boolean relativeToConfig =
        !path.isAbsolute()
            && config.directory() != null
            && Files.exists(config.directory().resolve(path));
    return relativeToConfig ? config.directory().resolve(path) : path;
  }

  /**
   * Builds the diffusion network from its checkpoint.
   *
   * @throws InputException if checkpoint and configuration do not fit; names the first key
   */
  public DiffusionModel diffusionModel() {
    DiffusionConfig d = config.diffusion();
    UNetConfig network = UNetSettings.fromFlags(d.model(), family());
    WeightStore weights = open(d.checkpoint(), DIFFUSION_CHECKPOINT);
    return Recognition.explain(weights, Set.of("unet"), () -> UNet.load(weights, network));
  }

  private UNetSettings.Family family() {
    return config.diffusion().guided() ? UNetSettings.Family.GUIDED : UNetSettings.Family.IMPROVED;
  }

  /** Side of the square images that the diffusion model is made for. */
  public int imageSize() {
    return UNetSettings.imageSize(config.diffusion().model(), family());
  }

  /** Channels of the images that the diffusion model is made for: 1 or 3. */
  public int imageChannels() {
    return UNetSettings.inChannels(config.diffusion().model());
  }

  /** The reverse process for images with noise {@code sigma}. */
  public ReversePlan reversePlan(double sigma, ReverseMode mode) {
    DiffusionConfig d = config.diffusion();
    DiffusionType type = DiffusionType.of(d.type());
    DiffusionSettings settings =
        DiffusionSettings.fromFlags(d.model(), type, d.guided() ? GUIDED_STEPS : DDPM_STEPS);
    ReversePlan plan = ReversePlan.of(settings, type, sigma, mode);
    if (!plan.start().inRange()) {
      throw InputException.of(
          "sigma %s is outside what the %s schedule of %s covers",
          sigma, settings.schedule(), config.source());
    }
    if (plan.hasDegenerateSteps()) {
      throw InputException.of(
          "sigma %s is reached after about %.1f timesteps, too few for the steps asked for; ask for"
              + " fewer steps",
          sigma, plan.start().t());
    }
    return plan;
  }

  /**
   * Builds a classifier from its checkpoint.
   *
   * @param choice what the configuration says about it
   * @param data the images it is to classify
   * @throws InputException if checkpoint, configuration and images do not fit
   */
  public LoadedClassifier classifier(ClassifierConfig choice, Dataset data) {
    ImageClassifier network = network(choice);
    int means = choice.input().mean().size();
    if (means != 0 && means != data.channels()) {
      throw InputException.of(
          "%s: classifier '%s' normalises %d channels, but %s has %d",
          config.source(), choice.name(), means, data.name(), data.channels());
    }
    if (network.channels() != data.channels()) {
      throw InputException.of(
          "classifier '%s' (%s) takes images of %d channels, but %s has %d",
          choice.name(), choice.checkpoint(), network.channels(), data.name(), data.channels());
    }
    if (network.classes() != data.classNames().size()) {
      throw InputException.of(
          "classifier '%s' (%s) has %d classes, but %s has %d",
          choice.name(),
          choice.checkpoint(),
          network.classes(),
          data.name(),
          data.classNames().size());
    }
    return new LoadedClassifier(network, preprocessing(choice.input()));
  }

  private static Preprocessing preprocessing(InputConfig input) {
    Preprocessing.Resampling resampling =
        switch (input.resize()) {
          case "bicubic" -> Preprocessing.Resampling.BICUBIC;
          case "vit" -> Preprocessing.Resampling.BYTES;
          default -> Preprocessing.Resampling.NONE;
        };
    return new Preprocessing(resampling, input.size(), input.mean(), input.std());
  }

  private ImageClassifier network(ClassifierConfig choice) {
    Networks.Kind kind = Networks.of(choice, config.source());
    return kind.load(open(choice.checkpoint(), checkpointOf(choice)), choice);
  }

  /**
   * Identifies the weights that {@code checkpoint} names: a digest of their keys, shapes and the
   * ends of their data, so that a run is not continued with other weights.
   */
  public String fingerprint(String checkpoint) {
    return WeightFingerprint.of(open(checkpoint, "checkpoint"));
  }

  /**
   * Looks for the weights of a run before any are loaded, which can take minutes.
   *
   * @param classifier its name in the configuration, or null for the first
   * @param denoises whether the diffusion model is needed, too
   * @throws InputException naming the first file that is missing, and how to get it
   */
  void requireWeights(String classifier, boolean denoises) {
    if (denoises) {
      require(config.diffusion().checkpoint(), DIFFUSION_CHECKPOINT);
    }
    ClassifierConfig choice = config.classifier(classifier);
    require(choice.checkpoint(), checkpointOf(choice));
  }

  private void require(String reference, String purpose) {
    if (reference != null) { // else opening it says so
      ModelFiles.require(reference, config.directory(), purpose);
    }
  }

  private WeightStore open(String reference, String purpose) {
    if (reference == null) {
      throw InputException.of("%s: no %s is configured", config.source(), purpose);
    }
    return ModelFiles.open(reference, config.directory(), purpose);
  }

  /**
   * The configuration with one classifier and absolute paths, which mean the same on other machines
   * that share the files.
   *
   * @param classifier its name in the configuration, or null for the first
   * @param denoises whether the diffusion model is needed, too
   * @throws InputException if a file is missing
   */
  SetupConfig located(String classifier, boolean denoises) {
    ClassifierConfig choice = config.classifier(classifier);
    DiffusionConfig diffusion = config.diffusion();
    return new SetupConfig(
        config.source(),
        config.directory(),
        locatedImages(),
        denoises
            ? diffusion.withCheckpoint(locate(diffusion.checkpoint(), DIFFUSION_CHECKPOINT))
            : diffusion,
        Map.of(
            choice.name(),
            choice.withCheckpoint(locate(choice.checkpoint(), checkpointOf(choice)))));
  }

  private DatasetConfig locatedImages() {
    DatasetConfig d = config.dataset();
    Path place = d.path() == null ? Datasets.usualPlace(d.name()) : resolve(Path.of(d.path()));
    return place == null ? d : d.withPath(place.toAbsolutePath().normalize().toString());
  }

  private String locate(String reference, String purpose) {
    if (reference == null) {
      throw InputException.of("%s: no %s is configured", config.source(), purpose);
    }
    return ModelFiles.locate(reference, config.directory(), purpose);
  }

  private static String checkpointOf(ClassifierConfig choice) {
    return "checkpoint of classifier " + choice.name();
  }
}
