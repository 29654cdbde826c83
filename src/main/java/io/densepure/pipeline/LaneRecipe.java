package io.densepure.pipeline;

import io.densepure.InputException;
import io.densepure.certify.DiscreteGaussian;
import io.densepure.config.ClassifierConfig;
import io.densepure.config.DatasetConfig;
import io.densepure.config.DiffusionConfig;
import io.densepure.config.SetupConfig;
import io.densepure.data.Dataset;
import io.densepure.diffusion.ReverseMode;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Everything that the labels of a run depend on, in a form that can be sent to another machine: all
 * but the files, which are named by absolute paths, and told from others by digests.
 *
 * @param source the configuration's, for messages
 * @param diffusion null for the bare classifier
 * @param sound whether the noise comes in whole 255ths
 * @param noise what is added to images, on the device or here
 * @param execution batch and precision
 * @param lanes of the whole run
 * @param image one of the run's images
 * @param imageDigest of its pixels
 * @param classifierDigest of the classifier's weights
 * @param diffusionDigest of the diffusion model's weights, or null
 */
public record LaneRecipe(
    String source,
    DatasetConfig dataset,
    DiffusionConfig diffusion,
    ClassifierConfig classifier,
    ReverseMode denoising,
    boolean sound,
    SmoothingNoise noise,
    Execution execution,
    long lanes,
    int image,
    String imageDigest,
    String classifierDigest,
    String diffusionDigest)
    implements Serializable {

  /**
   * The recipe of a run.
   *
   * @param data the setup's images
   * @throws InputException if anything about the request is wrong, or a file is missing here
   */
  public static LaneRecipe of(Setup setup, Dataset data, CertifyRequest request) {
    CertifyPipelines.check(setup, data, request);
    setup.requireWeights(request.classifier(), request.denoising() != null);
    SetupConfig config = setup.located(request.classifier(), request.denoising() != null);
    ClassifierConfig classifier = config.classifier(request.classifier());
    DiffusionConfig diffusion = request.denoising() == null ? null : config.diffusion();
    int image = request.images().get(0);
    return new LaneRecipe(
        config.source(),
        config.dataset(),
        diffusion,
        classifier,
        request.denoising(),
        request.guarantee().sound(),
        request.noise(),
        request.execution(),
        request.lanes(),
        image,
        digest(data, image),
        setup.fingerprint(classifier.checkpoint()),
        diffusion == null ? null : setup.fingerprint(diffusion.checkpoint()));
  }

  /**
   * Loads what the recipe names.
   *
   * @param shipped folder where a file is looked for by its name that is not where the path says
   * @throws InputException if a file is missing here, or is another than where the recipe was made
   */
  LaneWork load(Path shipped) {
    SetupConfig here =
        new SetupConfig(
            source,
            null,
            dataset.path() == null ? dataset : dataset.withPath(place(dataset.path(), shipped)),
            diffusion == null
                ? null
                : diffusion.withCheckpoint(place(diffusion.checkpoint(), shipped)),
            Map.of(
                classifier.name(),
                classifier.withCheckpoint(place(classifier.checkpoint(), shipped))));
    Setup setup = new Setup(here);
    Dataset data = setup.dataset();
    setup.requireWeights(classifier.name(), diffusion != null);
    checkSame(setup, data);
    return LaneWork.load(
        setup,
        data,
        sound ? noise.onHost() : noise,
        sound ? new DiscreteGaussian(noise.sigma()) : null,
        classifier.name(),
        denoising,
        execution.dtype());
  }

  private static String place(String path, Path shipped) {
    Path name = Path.of(path).getFileName();
    return Files.exists(Path.of(path)) || name == null || !Files.exists(shipped.resolve(name))
        ? path
        : shipped.resolve(name).toString();
  }

  private void checkSame(Setup setup, Dataset data) {
    SetupConfig here = setup.config();
    String classifierFile = here.classifier(classifier.name()).checkpoint();
    require(classifierFile, classifierDigest, setup.fingerprint(classifierFile));
    if (diffusion != null) {
      String file = here.diffusion().checkpoint();
      require(file, diffusionDigest, setup.fingerprint(file));
    }
    if (image >= data.size() || !digest(data, image).equals(imageDigest)) {
      throw InputException.of(
          "image %d of %s is another one than where the run was started", image, data.name());
    }
  }

  private static void require(String file, String expected, String digest) {
    if (!digest.equals(expected)) {
      throw InputException.of(
          "%s holds other weights (%s) than where the run was started (%s)",
          file, digest, expected);
    }
  }

  private static String digest(Dataset data, int image) {
    float[] pixels = data.image(image).ravel().toFloatVector();
    ByteBuffer bytes = ByteBuffer.allocate(pixels.length * Float.BYTES);
    bytes.asFloatBuffer().put(pixels);
    CRC32C crc = new CRC32C();
    crc.update(bytes.array());
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }
}
