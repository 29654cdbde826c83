package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.certify.ResultRow;
import io.densepure.compute.HostTensor;
import io.densepure.convert.WeightFile;
import io.densepure.weights.Safetensors;
import io.densepure.weights.SafetensorsWriter;
import io.densepure.weights.WeightStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checkpoints as users have them: in several files, in folders, and of the wrong network. */
class CheckpointsAsInputTest {
  private static final Path REFERENCE = Path.of("src/test/reference");
  private static final Path BUNDLED = Path.of("target/classes/models/fashion_wrn.safetensors");

  @TempDir private Path folder;

  private Cli certify(String name, Object... more) {
    List<Object> args =
        new ArrayList<>(
            List.of("certify", "--ids", "0,1", "--mode", "base", "--N0", 4, "--N", 20, "--sigma"));
    args.addAll(List.of(0.12, "--out", folder.resolve(name)));
    args.addAll(List.of(more));
    return Cli.run(args.toArray());
  }

  private List<String> rows(String table) {
    return ResultRow.read(folder.resolve(table)).stream()
        .map(r -> r.idx() + " " + r.predict() + " " + r.radius())
        .toList();
  }

  /** Two files and their index in a folder. */
  private Path split(WeightStore weights) throws IOException {
    Path home = Files.createDirectory(folder.resolve("fashion"));
    List<String> keys = List.copyOf(weights.keys());
    String map =
        keys.stream()
            .map(k -> "\"%s\": \"%s\"".formatted(k, shardOf(keys, k)))
            .collect(Collectors.joining(", "));
    Files.writeString(
        home.resolve("model.safetensors.index.json"), "{\"weight_map\": {" + map + "}}");
    for (String shard : new String[] {"one.safetensors", "two.safetensors"}) {
      SafetensorsWriter.write(
          home.resolve(shard),
          Map.of(),
          keys.stream()
              .filter(k -> shardOf(keys, k).equals(shard))
              .map(weights::get)
              .map(t -> entry(t.name(), t))
              .toList());
    }
    return home;
  }

  private static String shardOf(List<String> keys, String key) {
    return keys.indexOf(key) < keys.size() / 2 ? "one.safetensors" : "two.safetensors";
  }

  @Test
  void shardsAndFoldersCertifyAsTheOneFileDoes() throws IOException {
    Path home = split(Safetensors.open(BUNDLED));
    Path index = home.resolve("model.safetensors.index.json");
    assertEquals(0, certify("bundled").exit());
    Cli fromFolder = certify("folder", "--classifier-checkpoint", home);
    assertEquals(0, fromFolder.exit(), fromFolder.err());
    Cli fromIndex = certify("index", "--classifier-checkpoint", index);
    assertEquals(0, fromIndex.exit(), fromIndex.err());
    assertEquals(rows("bundled"), rows("folder"));
    assertEquals(rows("bundled"), rows("index"));

    Files.delete(home.resolve("two.safetensors"));
    Cli broken = certify("broken", "--classifier-checkpoint", index);
    assertEquals(2, broken.exit());
    assertTrue(broken.complaint().contains("two.safetensors: is missing"), broken.err());
  }

  @Test
  void shardsAreInspectedAndConverted() throws IOException {
    Path home = split(WeightFile.open(REFERENCE.resolve("classifiers/vit_tiny.pt"), null).store());
    Cli inspected = Cli.run("inspect", home);
    assertTrue(inspected.out().contains("safetensors, 2 files"), inspected.out());
    assertTrue(inspected.out().contains("Looks like vit_hf: width 48"), inspected.out());
    Cli converted =
        Cli.run("convert", home.resolve("model.safetensors.index.json"), "--dtype", "bf16");
    assertEquals(0, converted.exit(), converted.err());
    assertTrue(converted.out().contains(home.resolve("model.safetensors") + ": "), converted.out());
    assertTrue(converted.out().contains("verified"), converted.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "classifiers/vit_tiny.pt; vit_hf: width 48, depth 3, patch size 8, 10 classes",
        "classifiers/beit_shared_abs.pt; beit: width 48, depth 2, patch size 8, 7 classes",
        "classifiers/mixer_tiny.pt; mlp_mixer: width 48, depth 3, patch size 8, 10 classes",
        "classifiers/cohen_cifar_resnet20.pt; cifar_resnet: depth 20, 10 classes",
        "improved_unet/imp_base.pt; unet: improved- or guided-diffusion, 32 channels",
        "guided_unet/gui_base.pt; unet: guided-diffusion, 32 channels",
        "checkpoints/zip.pt; no network that is known here",
      })
  void wrongNetworkIsSaidToBeWhatItLooksLike(String file, String looks) {
    Path checkpoint = REFERENCE.resolve(file);
    Cli run = certify("wrong", "--classifier-checkpoint", checkpoint);
    assertEquals(2, run.exit(), run.err());
    assertTrue(run.complaint().contains(file), run.complaint());
    assertTrue(run.complaint().contains("the file looks like " + looks), run.complaint());
    Cli inspected = Cli.run("inspect", checkpoint);
    String found = looks.replace("that is known", "known");
    assertTrue(inspected.out().contains("Looks like " + found), inspected.out());
  }

  @Test
  void classifierGivenAsDiffusionModelIsNamed() {
    Cli run =
        Cli.run(
            "certify",
            "--ids",
            0,
            "--one-shot",
            "--diffusion-checkpoint",
            REFERENCE.resolve("classifiers/wrn_10_2.pt"),
            "--out",
            folder.resolve("x"));
    assertEquals(2, run.exit(), run.err());
    assertTrue(
        run.complaint().contains("looks like wide_resnet: depth 10, widen factor 2"),
        run.complaint());
  }

  @Test
  void rightNetworkWithAnotherFaultIsNotSaidToBeAnother() {
    WeightStore weights =
        WeightFile.open(REFERENCE.resolve("classifiers/wrn_10_2.pt"), null).store();
    Path extra = folder.resolve("extra.safetensors");
    SafetensorsWriter.write(
        extra,
        Map.of(),
        Stream.concat(weights.keys().stream(), Stream.of("surplus"))
            .map(k -> entry(k, weights.get(k.equals("surplus") ? "linear.bias" : k)))
            .toList());
    Cli run = certify("x", "--classifier-checkpoint", extra);
    assertEquals(2, run.exit(), run.err());
    assertTrue(run.complaint().contains("surplus"), run.complaint());
    assertFalse(run.complaint().contains("looks like"), run.complaint());
  }

  private static SafetensorsWriter.Entry entry(String key, HostTensor t) {
    return new SafetensorsWriter.Entry(key, t.dtype(), t.shape(), t::data);
  }

  @Test
  void classifierForOtherChannelsThanTheImagesHaveIsRefused() {
    Cli run = certify("x", "--classifier-checkpoint", REFERENCE.resolve("classifiers/wrn_10_2.pt"));
    assertEquals(2, run.exit(), run.err());
    assertTrue(run.complaint().contains("3 channels, but fashion-mnist has 1"), run.complaint());
  }
}
