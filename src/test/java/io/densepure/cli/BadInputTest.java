package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.pipeline.ModelFiles;
import io.densepure.weights.MapWeightStore;
import io.densepure.weights.SafetensorsWriter;
import io.densepure.weights.WeightStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a user gets wrong ends in one clear line and exit code 2, with nothing written. */
class BadInputTest {
  @TempDir private Path folder;

  static Stream<Arguments> flags() {
    return Stream.of(
        wrong("--sigma 0", "sigma"),
        wrong("--sigma -1", "sigma"),
        wrong("--sigma abc", "--sigma"),
        wrong("--sigma NaN", "sigma"),
        wrong("--alpha 0", "alpha"),
        wrong("--alpha 1", "alpha"),
        wrong("--alpha 2", "alpha"),
        wrong("--N 0", "N"),
        wrong("--N0 0", "N0"),
        wrong("--N0 -5", "N0"),
        wrong("--N 2000000000 --votes 40", "lower N"),
        wrong("--batch -1", "batch"),
        wrong("--certified_batch 99999999", "batch"),
        wrong("--votes 0", "votes"),
        wrong("--votes 3 --one-shot", "--votes"),
        wrong("--one-shot --steps 3", "exclude each other"),
        wrong("--steps 0", "num_t_steps 0"),
        wrong("--steps 99999", "num_t_steps 99999"),
        wrong("--t-plus 4000 --one-shot", "timestep"),
        wrong("--skip 0", "--skip"),
        wrong("--max 0", "no image"),
        wrong("--ids 10000", "image 10000"),
        wrong("--ids -1", "image -1"),
        wrong("--threads 0", "--threads"),
        wrong("--backend tpu", "--backend"),
        wrong("--devices 0,0", "twice"),
        wrong("--devices 0;1", "--devices"),
        wrong("--devices", "--devices"),
        wrong("--devices 0,1 --backend cpu", "--devices"),
        wrong("--engine slurm", "--engine"),
        wrong("--engine spark --master spark://nosuch:7077", "densepure-cluster.jar"),
        wrong("--engine spark --estimate", "--estimate"),
        wrong("--engine spark --pictures", "--pictures"),
        wrong("--engine spark --devices 0", "--devices"),
        wrong("--engine spark --threads 2", "--threads"),
        wrong("--master spark://nosuch:7077", "--engine spark"),
        wrong("--engine-conf spark.ui.enabled=false", "--engine spark"),
        wrong("--dtype fp8", "--dtype"),
        wrong("--classifier nosuch", "wrn"),
        wrong("--config nosuch.yml", "nosuch.yml"),
        wrong("--data /nosuch/folder", "/nosuch/folder"),
        wrong("--classifier-checkpoint /nosuch.pt", "/nosuch.pt"),
        wrong("--diffusion-checkpoint /nosuch.pt", "/nosuch.pt"),
        wrong("--classifier-checkpoint bundled:nosuch", "nosuch"),
        wrong("--nosuchflag", "--nosuchflag"),
        wrong("--lp_norm L1", "--lp_norm"),
        wrong("--verbose loud", "--verbose"),
        wrong("--vit_batch many", "--vit_batch"),
        wrong("--data_seed 0.5", "--data_seed"),
        wrong("--image_folder", "--image_folder"),
        wrong("--sigma 0.0001 --steps 30", "sigma"));
  }

  private static String model(String setting) {
    return "dataset: {name: fashion-mnist}\nmodel: {" + setting + "}\n";
  }

  private static Arguments wrong(String flags, String named) {
    return Arguments.of(flags, named);
  }

  @ParameterizedTest(name = "certify {0}")
  @MethodSource("flags")
  void certifyRefuses(String flags, String named) throws IOException {
    Path out = folder.resolve("run");
    String given =
        flags.contains("--ids") || flags.contains("--skip") || flags.contains("--max")
            ? ""
            : " --ids 0";
    String small = flags.contains("--N ") ? "" : " --N 10";
    String mode = flags.contains("--steps") || flags.contains("--one-shot") ? "" : " --steps 2";
    Cli cli =
        Cli.run(
            (Object[]) ("certify --out " + out + given + small + mode + " " + flags).split(" +"));

    assertEquals(2, cli.exit(), cli.err());
    assertTrue(cli.complaint().contains(named), cli.err());
    assertFalse(cli.err().contains("\tat "), cli.err());
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(), left.toList(), "a refused run leaves no file");
    }
  }

  static Stream<Arguments> configurations() {
    return Stream.of(
        Arguments.of(model("num_channels: 0"), "model_channels is 0"),
        Arguments.of(model("num_channels: 2147483647"), "model_channels is 2147483647"),
        Arguments.of(model("num_channels: -32"), "model_channels is -32"),
        Arguments.of(model("channel_mult: '1,1e9'"), "channels"),
        Arguments.of(model("num_res_blocks: 2000000000"), "num_res_blocks"),
        Arguments.of(model("num_heads: 0"), "num_heads is 0"),
        Arguments.of(model("image_size: 0"), "'image_size' is 0"),
        Arguments.of(model("image_size: 4097"), "'image_size' is 4097"),
        Arguments.of(model("in_channels: 2147483647"), "'in_channels' is 2147483647"),
        Arguments.of(model("diffusion_steps: 2147483647"), "diffusion steps"),
        Arguments.of(model("timestep_respacing: '999999999'"), "timestep_respacing"),
        Arguments.of("dataset: {name: fashion-mnist, path: \"a\\0b\"}\n", "'path'"),
        Arguments.of("dataset: {name: fashion-mnist}\nmodel: &m {num_heads: [*m]}\n", "itself"),
        Arguments.of(aliases(), "its aliases make it too large"),
        Arguments.of("modle:\n  image_size: 32\n", "modle"),
        Arguments.of("dataset: {name: fashion-mnist}\nmodel: {image_sise: 32}\n", "image_sise"),
        Arguments.of("dataset: {name: fashion-mnist, colour: 1}\n", "colour"),
        Arguments.of("dataset: {name: nosuch}\n", "nosuch"),
        Arguments.of("dataset: [1, 2]\n", "dataset"),
        Arguments.of("a: b: c", "line 1"),
        Arguments.of("a: 1\na: 2\n", "duplicate"),
        Arguments.of("- 1\n- 2\n", "mapping"),
        Arguments.of("!!javax.script.ScriptEngineManager [1]\n", "YAML"),
        Arguments.of("dataset: {name: fashion-mnist}\nmodel: {num_channels: 33}\n", "33"),
        Arguments.of(
            "dataset: {name: fashion-mnist}\nmodel: {num_channels: many}\n", "num_channels"),
        Arguments.of(
            "dataset: {name: fashion-mnist}\nmodel: {noise_schedule: odd}\n", "noise_schedule"),
        Arguments.of("dataset: {name: fashion-mnist}\ndiffusion_type: odd\n", "odd"),
        Arguments.of("dataset: {name: fashion-mnist}\nclassifiers: {}\n", "classifiers"),
        Arguments.of("dataset: {name: fashion-mnist}\nclassifiers: {a: {network: odd}}\n", "odd"),
        Arguments.of(
            "dataset: {name: fashion-mnist}\n"
                + "classifiers: {a: {network: wide-resnet, checkpoint: 'bundled:fashion_wrn',"
                + " mean: [1, 2, 3], std: [1, 1, 1]}}\n",
            "3 channels"),
        Arguments.of(
            "dataset: {name: fashion-mnist}\n"
                + "classifiers: {a: {network: wide-resnet, mean: [0.2], std: [0]}}\n",
            "std"));
  }

  /** Four kilobytes that stand for three million characters, with few enough aliases. */
  private static String aliases() {
    StringBuilder yaml = new StringBuilder("dataset: {name: fashion-mnist}\n");
    yaml.append("a: &a0 '").append("x".repeat(4000)).append("'\nb:\n");
    for (int i = 1; i <= 6; i++) {
      String before = "*a" + (i - 1);
      yaml.append("- &a%d [%s]\n".formatted(i, String.join(", ", Collections.nCopies(3, before))));
    }
    return yaml.toString();
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("configurations")
  void wrongConfigurationIsNamed(String yaml, String named) throws IOException {
    Path file = Files.writeString(folder.resolve("my.yml"), yaml);
    Cli cli =
        Cli.run(
            "certify",
            "--config",
            file,
            "--ids",
            0,
            "--N",
            10,
            "--steps",
            2,
            "--out",
            folder.resolve("run"));

    assertEquals(2, cli.exit(), cli.err());
    assertTrue(cli.complaint().contains(named), cli.err());
    assertFalse(cli.err().contains("\tat "), cli.err());
  }

  @Test
  void aCheckpointThatDoesNotFitNamesTheKeyAndBothShapes() throws IOException {
    WeightStore good = ModelFiles.open("bundled:fashion_ddpm", null, "test");
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    good.keys().forEach(k -> tensors.put(k, good.get(k)));
    tensors.put(
        "middle_block.0.in_layers.2.weight",
        HostTensor.of("middle_block.0.in_layers.2.weight", Shape.of(1, 2), 1f, 2f));
    Path file = folder.resolve("odd.safetensors");
    SafetensorsWriter.write(file, new MapWeightStore("odd", tensors, Map.of()));

    Cli cli =
        Cli.run(
            "certify",
            "--ids",
            0,
            "--steps",
            2,
            "--N",
            10,
            "--diffusion-checkpoint",
            file,
            "--out",
            folder.resolve("run"));

    assertEquals(2, cli.exit(), cli.err());
    assertTrue(cli.complaint().contains("middle_block.0.in_layers.2.weight"), cli.err());
    assertTrue(cli.complaint().contains("[1, 2]"), cli.err());
    assertTrue(cli.complaint().contains("[64, 64, 3, 3]"), cli.err());
    assertTrue(cli.complaint().contains("odd.safetensors"), cli.err());
  }

  @Test
  void stacktraceIsShownWhenAskedFor() {
    Cli cli = Cli.run("certify", "--config", "nosuch.yml", "--stacktrace");
    assertEquals(2, cli.exit());
    assertTrue(cli.err().contains("\tat "), cli.err());
  }

  @Test
  void noCommandIsBadInput() {
    assertEquals(2, Cli.run().exit());
  }

  @Test
  void everyCommandExplainsItself() {
    for (String name : DensePure.commandLine().getSubcommands().keySet()) {
      Cli cli = Cli.run(name, "--help");
      assertEquals(0, cli.exit(), name);
      assertTrue(cli.out().contains("Usage: densepure " + name), cli.out());
      assertTrue(cli.out().contains("Example"), name + " --help has no example");
    }
  }
}
