package io.densepure.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.config.ClassifierConfig;
import io.densepure.config.SetupConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The catalogue that comes with the program, and reading others. */
class CatalogueTest {
  @TempDir private Path folder;

  @Test
  void namesAreUnique() {
    Set<String> names = new HashSet<>();
    for (Catalogue.Entry e : Catalogue.load().entries()) {
      Stream.concat(Stream.of(e.name()), e.aliases().stream())
          .forEach(n -> assertTrue(names.add(n.toLowerCase()), n));
    }
  }

  @Test
  void everyAddressIsEncryptedOrItsFilePinned() {
    for (Catalogue.Entry e : Catalogue.load().entries()) {
      for (RemoteFile f : e.files()) {
        assertFalse(f.urls().isEmpty(), f.name());
        boolean encrypted = f.urls().stream().allMatch(u -> u.getScheme().equals("https"));
        assertTrue(encrypted || f.pinned(), f.name());
      }
    }
  }

  /** PyTorch's and timm's file names end in the digest's first digits. */
  @Test
  void digestInAFileNameIsThePinnedOne() {
    for (Catalogue.Entry e : Catalogue.load().entries()) {
      for (RemoteFile f : e.files()) {
        if (f.name().matches(".*-[0-9a-f]{8}\\.pth")) {
          String hex = f.name().replaceFirst(".*-([0-9a-f]{8})\\.pth", "$1");
          assertEquals(List.of(new Digest("SHA-256", hex)), f.digests());
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "cifar10, cifar10",
    "CIFAR-10, cifar10",
    "cifar10_uncond_50M_500K.pt, improved-ddpm",
    "ddpm, improved-ddpm",
    "256x256_diffusion_uncond.pt, guided-ddpm",
    "beit_large_patch16_512, beit",
    "WRN, wide_resnet50_2",
    "mlp, mixer_b16_224_miil",
    "wide-resnet-28x10.t7, cifar-wrn"
  })
  void entriesAreFoundByTheNamesPeopleUse(String name, String entry) {
    Catalogue catalogue = Catalogue.load();
    assertSame(
        catalogue.entries().stream().filter(e -> e.name().equals(entry)).findFirst().orElseThrow(),
        catalogue.find(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"cifar10", "imagenet"})
  void whatBuiltInConfigurationsNeedCanBeGot(String name) {
    SetupConfig config = SetupConfig.load(name, null);
    assertFalse(Catalogue.hint(config.dataset().name()).isEmpty());
    assertFalse(Catalogue.hint(config.diffusion().checkpoint()).isEmpty());
    for (ClassifierConfig c : config.classifiers().values()) {
      assertFalse(Catalogue.hint(c.checkpoint()).isEmpty(), c.checkpoint());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/some/where/vit-base-patch16-224-in21k-finetuned-cifar10/pytorch_model.bin, download vit'",
    "models/256x256_diffusion_uncond.pt, download guided-ddpm'",
    "../x/wide-resnet-28x10.t7, train it",
    "noise_0.25/checkpoint.pth.tar, Google Drive"
  })
  void pathsOfWeightsLeadToTheirCommand(String path, String hint) {
    assertTrue(Catalogue.hint(path).contains(hint), Catalogue.hint(path));
  }

  @Test
  void filesOfOthersLeadNowhere() {
    assertEquals("", Catalogue.hint("my-own-network/pytorch_model.bin"));
    assertEquals("", Catalogue.hint("/"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a: {files: [{name: ../up, urls: ['http://x/y']}]}",
        "a: {files: [{name: .hidden, urls: ['http://x/y']}]}",
        "a: {files: [{urls: ['http://x/y']}]}",
        "a: {files: [{name: f, urls: ['file:///etc/passwd']}]}",
        "a: {files: [{name: f, urls: ['http://x/y'], unpack: ..}]}",
        "a: {files: [{name: f, urls: ['http://x/y'], sha256: xyz}]}",
        "a: {files: [{name: f, urls: ['http://x/y'], bytes: many}]}",
        "a: {files: [{name: f, urls: ['http://x/y'], wrong: 1}]}",
        "a: {files: [f]}",
        "a: {files: f}",
        "a: {folder: ../up, manual: x}",
        "a: {folder: /abs, manual: x}",
        "a: {about: neither}",
        "[a]"
      })
  void brokenCataloguesAreRefused(String yaml) throws IOException {
    Path file = folder.resolve("broken.yml");
    Files.writeString(file, yaml);
    InputException e = assertThrows(InputException.class, () -> Catalogue.read(file));
    assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
    assertFalse(e.getMessage().contains("\n"));
  }
}
