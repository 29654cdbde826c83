package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.certify.ResultRow;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certifying pictures in files, with the small random networks of the golden cases. */
class CertifyPicturesTest {
  private static final Path REFERENCE = Path.of("src/test/reference").toAbsolutePath();

  @TempDir private Path folder;

  /** Two pictures in each of {@code classes} folders, and a configuration beside them. */
  private void write(int classes, String config) throws IOException {
    for (int c = 0; c < classes; c++) {
      Path sub = Files.createDirectories(folder.resolve("val").resolve("n%02d".formatted(c)));
      for (int i = 0; i < 2; i++) {
        BufferedImage image = new BufferedImage(40, 33, BufferedImage.TYPE_INT_RGB);
        for (int p = 0; p < 40 * 33; p++) {
          image.setRGB(p % 40, p / 40, 0x0a0b0c * (c + 1) + p * 0x010305);
        }
        ImageIO.write(image, "png", sub.resolve(i + ".png").toFile());
      }
    }
    Files.writeString(folder.resolve("set-up.yml"), config.replace("REFERENCE", "" + REFERENCE));
  }

  @BeforeEach
  void wideResNet() throws IOException {
    write(
        10,
        """
        dataset: {name: image-folder, path: val, resize: 32}
        model: {image_size: 32}
        classifiers:
          wrn:
            network: wide-resnet
            checkpoint: REFERENCE/classifiers/wrn_10_2.pt
            mean: [0.4914, 0.4822, 0.4465]
            std: [0.2471, 0.2435, 0.2616]
        """);
  }

  private Cli certify(Object... more) {
    List<Object> args =
        new ArrayList<>(
            List.of(
                "certify",
                "--backend",
                "cpu",
                "--config",
                folder.resolve("set-up.yml"),
                "--N0",
                3,
                "--N",
                8,
                "--sigma",
                0.25,
                "--out",
                folder.resolve("run")));
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray());
  }

  private List<String> rows(String table) {
    return ResultRow.read(folder.resolve(table)).stream()
        .map(r -> r.idx() + " " + r.label())
        .toList();
  }

  @Test
  void aFolderPerClass() {
    Cli cli = certify("--mode", "base", "--ids", "0,3,19");
    assertEquals(0, cli.exit(), cli.err());
    assertEquals(List.of("0 0", "3 1", "19 9"), rows("run"));
  }

  @Test
  void theFirstBadPictureEndsTheRunInOneLine() throws IOException {
    Files.writeString(folder.resolve("val/n01/1.png"), "no picture");
    Cli cli = certify("--mode", "base", "--ids", "0,3,5");
    assertEquals(2, cli.exit(), cli.err());
    String line = cli.err().lines().filter(l -> l.contains("image 3: ")).findFirst().orElse("");
    assertTrue(line.contains("1.png"), cli.err());
    assertTrue(line.contains("--skip-bad"), cli.err());
    assertFalse(cli.err().contains("\tat "), cli.err());

    Cli again = certify("--mode", "base", "--ids", "0,3,5", "--skip-bad");
    assertEquals(0, again.exit(), again.err());
    assertEquals(List.of("0 0", "5 2"), rows("run"));
  }

  @Test
  void badPicturesAreNamedCountedAndLeftOut() throws IOException {
    Files.delete(folder.resolve("val/n00/0.png"));
    Files.writeString(folder.resolve("val/n00/a.png"), "");
    Files.writeString(folder.resolve("val/n09/1.png"), "no picture");
    Cli cli = certify("--mode", "base", "--ids", "0,1,19,2", "--skip-bad");
    assertEquals(0, cli.exit(), cli.err());
    assertEquals(List.of("0 0", "2 1"), rows("run"));
    assertTrue(cli.err().contains("image 1 is left out: "), cli.err());
    assertTrue(cli.err().contains("image 19 is left out: "), cli.err());
    assertTrue(cli.err().contains("2 images could not be read and were left out"), cli.err());
  }

  @Test
  void nothingButBadPictures() throws IOException {
    Files.writeString(folder.resolve("val/n00/0.png"), "no picture");
    Cli cli = certify("--mode", "base", "--ids", 0, "--skip-bad");
    assertEquals(2, cli.exit(), cli.err());
    assertTrue(cli.err().contains("none of the images could be read"), cli.err());
    assertTrue(cli.err().contains("1 image could not be read and was left out"), cli.err());
  }

  /** The way of the paper's ImageNet run: guided-diffusion, bicubic resizing to 512, BEiT. */
  @Test
  void imagenetWithBeit() throws IOException {
    write(
        20,
        """
        dataset: {name: imagenet, path: ., resize: 16}
        diffusion_type: guided-ddpm
        diffusion_checkpoint: REFERENCE/traces/trace_guided.pt
        model: {image_size: 16, num_channels: 32, channel_mult: '1,2', attention_resolutions: '8',
          num_head_channels: 8, num_res_blocks: 1, resblock_updown: true, learn_sigma: true,
          use_scale_shift_norm: true, diffusion_steps: 1000, noise_schedule: linear,
          rescale_timesteps: true, timestep_respacing: '1000'}
        classifiers:
          beit:
            network: beit
            num_heads: 2
            checkpoint: REFERENCE/e2e/e2e_beit.pt
            resize: bicubic
            size: 512
            mean: [0.5, 0.5, 0.5]
            std: [0.5, 0.5, 0.5]
        """);
    Cli cli =
        certify("--advanced_classifier", "beit", "--ids", "1,39", "--steps", 2, "--mode", "both");
    assertEquals(0, cli.exit(), cli.err());
    assertEquals(List.of("1 0", "39 19"), rows("run"));
    assertEquals(List.of("1 0", "39 19"), rows("run_diffpure"));
  }

  @Test
  void wrongInputsAreRefused() throws IOException {
    for (String wrong :
        List.of("resize: nearest", "resize: bicubic", "size: 32", "resize: vit\n    size: 0")) {
      write(
          10,
          """
          dataset: {name: image-folder, path: val, resize: 32}
          model: {image_size: 32}
          classifiers:
            wrn:
              network: wide-resnet
              checkpoint: REFERENCE/classifiers/wrn_10_2.pt
              WRONG
          """
              .replace("WRONG", wrong));
      Cli cli = certify("--mode", "base", "--ids", 0);
      assertEquals(2, cli.exit(), wrong + ": " + cli.err());
      assertTrue(
          cli.err().contains("classifier 'wrn': 'resize'")
              || cli.err().contains("classifier 'wrn': 'size'"),
          cli.err());
    }
  }

  @Test
  void cohensClassifierNeedsToKnowItsNoise() {
    Cli cli = Cli.run("certify", "--domain", "cifar10", "--advanced_classifier", "rs");
    assertEquals(2, cli.exit(), cli.err());
    assertTrue(cli.err().contains("--classifier_sigma"), cli.err());
  }

  /** The README's example: images and classifier of one's own, the domain's diffusion model. */
  @Test
  void theDomainSuppliesTheDiffusionModel() throws IOException {
    write(
        10,
        """
        dataset: {name: image-folder, path: val, resize: 256, crop: 256}
        classifiers:
          mine:
            network: resnet
            checkpoint: REFERENCE/classifiers/cohen_cifar_resnet20.pt
            resize: bicubic
            size: 32
            mean: [0.485, 0.456, 0.406]
            std: [0.229, 0.224, 0.225]
        """);
    Cli base = certify("--domain", "imagenet", "--mode", "base", "--ids", 2);
    assertEquals(0, base.exit(), base.err());
    assertEquals(List.of("2 1"), rows("run"));
    Cli purified = certify("--domain", "imagenet", "--ids", 2);
    assertEquals(2, purified.exit(), purified.err());
    assertTrue(purified.err().contains("256x256_diffusion_uncond.pt"), purified.err());
  }

  @Test
  void theBuiltInImagenetSaysWhatIsMissing() {
    Cli cli =
        Cli.run("certify", "--domain", "imagenet", "--data", folder.resolve("val"), "--ids", 0);
    assertEquals(2, cli.exit(), cli.err());
    assertTrue(cli.err().contains("256x256_diffusion_uncond.pt"), cli.err());
  }
}
