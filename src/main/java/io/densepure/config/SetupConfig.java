package io.densepure.config;

import io.densepure.InputException;
import io.densepure.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What a configuration file sets up: the images, the diffusion model and the classifiers to choose
 * from.
 *
 * <pre>
 * dataset: {name: cifar10, path: /data/cifar-10-batches-py}
 * diffusion_type: ddpm                       # or guided-ddpm
 * diffusion_checkpoint: cifar10_uncond_50M_500K.pt
 * model: {image_size: 32, num_channels: 128} # the original's keys
 * classifiers:
 *   cifar-wrn: {network: wide-resnet, checkpoint: wide-resnet-28x10.t7, mean: […], std: […]}
 * </pre>
 *
 * A file of the original has only {@code model:}; the rest then comes from the domain's built-in
 * file.
 *
 * @param source where this came from, for messages
 * @param directory relative checkpoint paths are looked up here too; null for a built-in file
 * @param dataset the images
 * @param diffusion the diffusion model
 * @param classifiers by name, in the file's order; never empty
 */
public record SetupConfig(
    String source,
    Path directory,
    DatasetConfig dataset,
    DiffusionConfig diffusion,
    Map<String, ClassifierConfig> classifiers) {
  private static final Set<String> KEYS =
      Set.of("dataset", "diffusion_type", "diffusion_checkpoint", "model", "classifiers");
  private static final String BUILT_IN = "fashion-mnist, cifar10 or imagenet";

  /**
   * Finds and reads a configuration.
   *
   * @param name a path, a file name under {@code configs/}, or the name of a built-in file with or
   *     without {@code .yml}
   * @param domain the built-in file that supplies what {@code name} leaves open: {@code cifar10},
   *     {@code fashion-mnist}, {@code imagenet}; null for the file's own {@code dataset.name}
   * @throws InputException if it is not found or wrong
   */
  public static SetupConfig load(String name, String domain) {
    for (Path p : new Path[] {Path.of(name), Path.of("configs", name)}) {
      if (Files.isRegularFile(p)) {
        return read(YamlFile.read(p), p.toAbsolutePath().getParent(), domain);
      }
    }
    Settings builtIn = builtIn(name.replaceFirst("\\.ya?ml$", ""));
    if (builtIn == null) {
      throw InputException.of(
          "configuration '%s' not found: not a file, not in configs/, and no built-in one (%s)",
          name, BUILT_IN);
    }
    return read(builtIn, null, null);
  }

  private static SetupConfig read(Settings s, Path directory, String domain) {
    s.requireKnown("the file", KEYS);
    DatasetConfig dataset = DatasetConfig.from(s.section("dataset"), domain);
    boolean complete = s.has("classifiers") && s.has("model");
    SetupConfig base = complete ? null : base(s.source(), domain == null ? dataset.name() : domain);
    return new SetupConfig(
        s.source(),
        directory,
        dataset.name() == null && base != null ? base.dataset : dataset,
        diffusion(s, base),
        classifiers(s, base));
  }

  private static DiffusionConfig diffusion(Settings s, SetupConfig base) {
    if (base == null) {
      return new DiffusionConfig(
          s.text("diffusion_type", "ddpm"),
          s.path("diffusion_checkpoint", null),
          s.section("model"));
    }
    return new DiffusionConfig(
        s.text("diffusion_type", base.diffusion.type()),
        s.path("diffusion_checkpoint", base.diffusion.checkpoint()),
        base.diffusion.model().with(s.section("model")));
  }

  private static Map<String, ClassifierConfig> classifiers(Settings s, SetupConfig base) {
    if (!s.has("classifiers") && base != null) {
      return base.classifiers;
    }
    Map<String, ClassifierConfig> classifiers = new LinkedHashMap<>();
    Settings listed = s.section("classifiers");
    for (String key : listed.keys()) {
      classifiers.put(key, ClassifierConfig.from(key, listed.section(key)));
    }
    if (classifiers.isEmpty()) {
      throw InputException.of("%s: 'classifiers' lists none", s.source());
    }
    return classifiers;
  }

  /** The built-in configuration that fills in what a file leaves out. */
  private static SetupConfig base(String source, String name) {
    Settings base = name == null ? null : builtIn(name);
    if (base == null) {
      throw InputException.of(
          "%s: without both 'model' and 'classifiers', dataset.name (or --domain) must be"
              + " %s, not %s",
          source, BUILT_IN, name == null ? "absent" : "'" + name + "'");
    }
    return read(base, null, null);
  }

  private static Settings builtIn(String name) {
    try (InputStream in = SetupConfig.class.getResourceAsStream("/configs/" + name + ".yml")) {
      return in == null
          ? null
          : YamlFile.parse(
              "built-in " + name + ".yml", new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The classifier of that name; the first one for null.
   *
   * @throws InputException listing the names if there is none
   */
  public ClassifierConfig classifier(String name) {
    if (name == null) {
      return classifiers.values().iterator().next();
    }
    ClassifierConfig c = classifiers.get(name);
    if (c == null) {
      throw InputException.of(
          "%s: no classifier '%s'; it has: %s",
          source, name, String.join(", ", classifiers.keySet()));
    }
    return c;
  }
}
