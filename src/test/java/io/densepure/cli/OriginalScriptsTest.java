package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.certify.ResultRow;
import io.densepure.data.Npy;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Scripts with the flags of the original's run_scripts and results/merge_*.sh, in folders laid out
 * as its repository: only the program's name is changed, and N is small. The networks are the small
 * ones of the golden cases.
 */
class OriginalScriptsTest {
  private static final Path REFERENCE = Path.of("src/test/reference").toAbsolutePath();
  private static final String SIZES = " --N 8 --N0 2 --certified_batch 8";
  private static final String CIFAR_IDS = " --sample_id $(seq -s ' ' 0 20 40) --use_id";
  private static final String IMAGENET_IDS = " --sample_id $(seq -s ' ' 0 15 15) --use_id";

  private static final String CIFAR =
      "python eval_certified_densepure.py --config cifar10.yml --domain cifar10 --seed 0"
          + " --diffusion_type ddpm --lp_norm L2 --certify_mode purify --advanced_classifier vit"
          + CIFAR_IDS
          + SIZES;
  private static final String IMAGENET =
      "python eval_certified_densepure.py --config imagenet.yml --domain imagenet --seed 0"
          + " --diffusion_type guided-ddpm --lp_norm L2 --certify_mode purify"
          + " --advanced_classifier beit"
          + IMAGENET_IDS
          + SIZES;

  /** $1 is sigma, $2 the number of steps, $3 the reverse seed. */
  private static final String DENSEPURE_CIFAR =
      "cd ..\n"
          + CIFAR
          + " --exp exp/cifar10 -i cifar10-densepure-sample_num_8-noise_$1-$2-$3"
          + " --outfile results/cifar10-densepure-sample_num_8-noise_$1-$2-steps-$3"
          + " --sigma $1 --use_t_steps --num_t_steps $2"
          + " --save_predictions --predictions_path exp/cifar10/$1- --reverse_seed $3\n";

  private static final String DENSEPURE_IMAGENET =
      "cd ..\n"
          + IMAGENET
          + " --exp exp/imagenet -i imagenet-densepure-sample_num_8-noise_$1-$2-$3"
          + " --outfile imagenet-densepure-sample_num_8-noise_$1-$2-$3"
          + " --sigma $1 --use_t_steps --num_t_steps $2"
          + " --save_predictions --predictions_path exp/imagenet/$1- --reverse_seed $3\n";

  private static final String CARLINI_CIFAR =
      "cd ..\n"
          + CIFAR
          + " --exp exp -i cifar10-carlini22-sample_num_8-noise_$1-1step --sigma $1"
          + " --outfile results/cifar10-carlini22-sample_num_8-noise_$1-1step --use_one_step\n";

  private static final String CARLINI_IMAGENET =
      "cd ..\n"
          + IMAGENET
          + " --exp exp -i imagenet-carlini22-sample_num_8-noise_$1-1step --sigma $1"
          + " --outfile results/imagenet-carlini22-sample_num_8-noise_$1-1step --use_one_step\n";

  /** $3 is the number of votes. */
  private static final String MERGE_CIFAR =
      "python merge_results.py --sample_id_list $(seq -s ' ' 0 20 40) --sample_num 3"
          + " --majority_vote_num $3 --N 8 --N0 2 --sigma $1 --classes_num 10 --datasets cifar10"
          + " --steps $2\n";

  private static final String MERGE_IMAGENET =
      "python merge_results.py --sample_id_list $(seq -s ' ' 0 15 15) --sample_num 2"
          + " --majority_vote_num $3 --N 8 --N0 2 --sigma $1 --classes_num 1000"
          + " --datasets imagenet --steps $2\n";

  @TempDir private Path root;

  @BeforeEach
  void layOut() throws IOException {
    for (String folder : List.of("configs", "run_scripts", "results", "datasets/cifar10")) {
      Files.createDirectories(root.resolve(folder));
    }
    byte[] batch = new byte[41 * 3073];
    for (int i = 0; i < batch.length; i++) {
      batch[i] = i % 3073 == 0 ? (byte) (i / 3073 % 10) : (byte) (i * 31 + i / 3073);
    }
    Files.write(root.resolve("datasets/cifar10/test_batch.bin"), batch);
    for (int c = 0; c < 20; c++) {
      Path folder = root.resolve("datasets/imagenet/val/n%02d".formatted(c));
      BufferedImage image = new BufferedImage(20, 18, BufferedImage.TYPE_INT_RGB);
      image.setRGB(c, 9, 0x804020 + c);
      Files.createDirectories(folder);
      ImageIO.write(image, "png", folder.resolve("picture.png").toFile());
    }
    write(
        "configs/cifar10.yml",
        """
        dataset: {name: cifar10}
        diffusion_checkpoint: REFERENCE/traces/trace_improved.pt
        model: {image_size: 32, num_channels: 32, channel_mult: '1,2', num_res_blocks: 1,
          attention_resolutions: '16', num_heads: 4, learn_sigma: true, use_scale_shift_norm: true,
          rescale_timesteps: true, noise_schedule: cosine, diffusion_steps: 4000}
        classifiers:
          vit: {network: vit, num_heads: 2, checkpoint: REFERENCE/e2e/e2e_vit.pt, resize: vit,
            size: 224, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5]}
        """);
    write(
        "configs/imagenet.yml",
        """
        dataset: {name: imagenet, resize: 16, crop: 16}
        diffusion_checkpoint: REFERENCE/traces/trace_guided.pt
        model: {image_size: 16, num_channels: 32, channel_mult: '1,2', attention_resolutions: '8',
          num_head_channels: 8, num_res_blocks: 1, resblock_updown: true, learn_sigma: true,
          use_scale_shift_norm: true, diffusion_steps: 1000, noise_schedule: linear,
          rescale_timesteps: true, timestep_respacing: '1000'}
        classifiers:
          beit: {network: beit, num_heads: 2, checkpoint: REFERENCE/e2e/e2e_beit.pt,
            resize: bicubic, size: 512, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5]}
        """);
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(root.resolve(name), text.replace("REFERENCE", REFERENCE.toString()));
  }

  /** Runs a script from its own folder, with nothing but the program's name changed. */
  private String bash(String folder, String script, String... arguments) throws Exception {
    String program = ShardOptions.quoted(CliProcess.script(root).toString());
    Path file = root.resolve(folder).resolve("script.sh");
    Files.writeString(
        file,
        script
            .replace("python eval_certified_densepure.py", program + " certify")
            .replace("python merge_results.py", program + " merge"));
    List<String> command = new ArrayList<>(List.of("bash", file.getFileName().toString()));
    command.addAll(Arrays.asList(arguments));
    Path output = root.resolve("output");
    ProcessBuilder builder = new ProcessBuilder(command).directory(file.getParent().toFile());
    builder.environment().put("OMP_NUM_THREADS", "1");
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    boolean ended = process.waitFor(120, TimeUnit.SECONDS);
    process.destroyForcibly().waitFor();
    String text = Files.readString(output);
    assertTrue(ended && process.exitValue() == 0, text);
    return text;
  }

  private List<String> rows(String table) {
    return ResultRow.read(root.resolve(table)).stream()
        .map(r -> r.idx() + " " + r.label() + " " + r.predict() + " " + r.radius())
        .toList();
  }

  @Test
  void cifar10RunsOfTwoReverseSeedsMergeToOneRunOfTwoVotes() throws Exception {
    String output = bash("run_scripts", DENSEPURE_CIFAR, "0.25", "2", "0");
    assertTrue(output.contains("Without effect: --lp_norm\n"), output);
    bash("run_scripts", DENSEPURE_CIFAR, "0.25", "2", "1");
    assertEquals(8, Npy.readLongs(root.resolve("exp/cifar10/0.25-40-1-n_predictions.npy")).length);
    assertTrue(
        Files.isRegularFile(
            root.resolve(
                "exp/cifar10/cifar10-densepure-sample_num_8-noise_0.25-2-1/seed0/log.txt")));
    bash("results", MERGE_CIFAR, "0.25", "2", "2");
    List<String> merged = rows("results/cifar10_0.25_merge_results.txt");
    assertEquals(List.of("0 0", "20 0", "40 0"), labels(merged));

    Cli one =
        Cli.run(
            (Object[])
                ("certify --ids 0,20,40 --steps 2 --sigma 0.25 --n 8 --n0 2 --seed 0 --votes 2"
                        + " --config %1$s/configs/cifar10.yml --data %1$s/datasets/cifar10"
                        + " --out %1$s/one")
                    .formatted(root)
                    .split(" "));
    assertEquals(0, one.exit(), one.err());
    assertEquals(rows("one_diffpure"), merged);
  }

  private static List<String> labels(List<String> rows) {
    return rows.stream().map(row -> row.split(" ")[0] + " " + row.split(" ")[1]).toList();
  }

  /** Whose table lies elsewhere and is called otherwise than the merge expects. */
  @Test
  void imagenetRunsMerge() throws Exception {
    bash("run_scripts", DENSEPURE_IMAGENET, "1", "2", "0");
    bash("results", MERGE_IMAGENET, "1", "2", "1");
    assertEquals(
        rows("imagenet-densepure-sample_num_8-noise_1-2-0_diffpure"),
        rows("results/imagenet_1.0_merge_results.txt"));
    assertEquals(List.of("0 0", "15 15"), labels(rows("results/imagenet_1.0_merge_results.txt")));
  }

  @Test
  void oneStepRunsOfBoth() throws Exception {
    bash("run_scripts", CARLINI_CIFAR, "0.5");
    assertEquals(3, rows("results/cifar10-carlini22-sample_num_8-noise_0.5-1step_diffpure").size());
    bash("run_scripts", CARLINI_IMAGENET, "0.5");
    assertEquals(
        2, rows("results/imagenet-carlini22-sample_num_8-noise_0.5-1step_diffpure").size());
  }
}
