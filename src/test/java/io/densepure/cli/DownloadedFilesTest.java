package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.download.Cache;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code download} fetched is found without flags; what is missing is named with its cure. */
class DownloadedFilesTest {
  private static final int CIFAR_RECORD = 3073;

  @TempDir private Path home;

  @BeforeEach
  void moveCache() {
    System.setProperty(Cache.PROPERTY, home.toString());
  }

  @AfterEach
  void moveBack() {
    System.clearProperty(Cache.PROPERTY);
  }

  private Path cached(String name) throws IOException {
    Path file = home.resolve(name);
    Files.createDirectories(file.getParent());
    return file;
  }

  @Test
  void dataAndWeightsAreFoundInTheCache() throws IOException {
    cifar10();
    Files.writeString(cached("vit-base-patch16-224-in21k-finetuned-cifar10/pytorch_model.bin"), "");
    Path weights = cached("cifar10_uncond_50M_500K.pt");
    Files.writeString(weights, "no weights");
    String complaint = certify("--config cifar10");
    assertTrue(complaint.contains(weights + ":"), "the cached file is read: " + complaint);
  }

  private void cifar10() throws IOException {
    Files.write(
        cached("datasets/cifar10/cifar-10-batches-bin/test_batch.bin"), new byte[CIFAR_RECORD]);
  }

  private void imagenet() throws IOException {
    BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
    ImageIO.write(image, "png", cached("datasets/imagenet/val/n01/picture.png").toFile());
  }

  @Test
  void missingDataIsNamedWithItsCure() {
    assertNames("--config cifar10", "datasets/cifar10", gets("cifar10"));
    assertNames("--domain imagenet", "datasets/imagenet", "name its place with --data");
    assertNames("--domain imagenet", "ILSVRC2012_img_val.tar", "");
  }

  /** Flags; the missing file; the end of the message. */
  @ParameterizedTest
  @CsvSource({
    "--mode purify, pretrained/cifar10_uncond_50M_500K.pt, improved-ddpm",
    "--mode base, pytorch_model.bin, vit",
    "--mode base --classifier cifar-wrn, wide-resnet-28x10.t7, 'it with"
        + " --classifier-checkpoint wide-resnet-28x10.t7'",
    "--mode base --classifier rs --classifier_sigma 0.25, noise_0.25/checkpoint.pth.tar, 'with"
        + " --classifier-checkpoint models/cifar10/resnet110/noise_0.25/checkpoint.pth.tar'"
  })
  void missingWeightsForCifar10(String flags, String file, String end) throws IOException {
    cifar10();
    assertNames("--config cifar10 " + flags, file, end.contains(" ") ? end : gets(end));
  }

  @ParameterizedTest
  @CsvSource({
    "--mode purify, pretrained/256x256_diffusion_uncond.pt, guided-ddpm",
    "--mode base, pretrained/beit_large_patch16_512_pt22k_ft22kto1k.pth, beit",
    "--mode base --classifier WRN, wide_resnet50_racm-8234f177.pth, wide_resnet50_2",
    "--mode base --classifier MLP, mixer_b16_224_miil.pth, mixer_b16_224_miil",
    "--mode base --classifier resnet, resnet152_a1h-dc400468.pth, resnet152",
    "--mode base --classifier rs --classifier_sigma 1, resnet50/noise_1/checkpoint.pth.tar, 'with"
        + " --classifier-checkpoint models/cifar10/resnet110/noise_0.25/checkpoint.pth.tar'"
  })
  void missingWeightsForImageNet(String flags, String file, String end) throws IOException {
    imagenet();
    assertNames("--domain imagenet " + flags, file, end.contains(" ") ? end : gets(end));
  }

  /** Loading gigabytes only to find the next file missing would be a waste. */
  @Test
  void allWeightsAreLookedForBeforeAnyAreLoaded() throws IOException {
    cifar10();
    Files.writeString(cached("cifar10_uncond_50M_500K.pt"), "no weights");
    assertNames("--config cifar10", "pytorch_model.bin", gets("vit"));
  }

  private static String gets(String name) {
    return "'./densepure download " + name + "' gets it";
  }

  private static String certify(String flags) {
    Cli run = Cli.run((Object[]) ("certify --ids 0 --N0 1 --N 1 " + flags).split(" "));
    assertEquals(2, run.exit(), run.err());
    return run.complaint();
  }

  private static void assertNames(String flags, String file, String end) {
    String complaint = certify(flags);
    assertTrue(complaint.contains(file) && complaint.endsWith(end), complaint);
  }
}
