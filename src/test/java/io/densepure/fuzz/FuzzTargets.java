package io.densepure.fuzz;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * All parsers that are fuzzed. Their seeds are {@code src/test/resources/fuzz/NAME/*}, where {@code
 * found-*} are inputs that once did harm, and files of the reference data.
 */
enum FuzzTargets {
  PICKLE(CheckpointTargets::pickle, "preproc/cifar-10-batches-py"),
  CHECKPOINT(CheckpointTargets::checkpoint, "checkpoints", "checkpoints/bad"),
  CHECKPOINT_PICKLE(CheckpointTargets::checkpointPickle),
  SAFETENSORS(CheckpointTargets::safetensors),
  SAFETENSORS_HEADER(CheckpointTargets::safetensorsHeader),
  SHARD_INDEX(CheckpointTargets::shardIndex),
  IDX(DatasetTargets::idx),
  CIFAR(DatasetTargets::cifar, "preproc/cifar-10-batches-py", "preproc/cifar-10-batches-bin"),
  CIFAR_META(DatasetTargets::cifarMeta, "preproc/cifar-10-batches-py"),
  NPY(DatasetTargets::npy),
  NPZ(DatasetTargets::npz),
  PICTURE(DatasetTargets::picture, "preproc"),
  SOLUTION(DatasetTargets::solution),
  NETWORK(NetworkTargets::network),
  CONFIG(ConfigTargets::config),
  CATALOGUE(ConfigTargets::catalogue),
  TABLE(RunFileTargets::table),
  JOURNAL(RunFileTargets::journal),
  JOURNAL_HEADER(RunFileTargets::journalHeader),
  SEALED_JOURNAL(RunFileTargets::sealedJournal),
  TAR(ArchiveTargets::tar),
  TAR_GZIP(ArchiveTargets::tarGzip);

  private static final Path REFERENCE = Path.of("src/test/reference");
  private static final Path RESOURCES = Path.of("src/test/resources/fuzz");

  /** Larger reference files would only slow the search down. */
  private static final long MAX_SEED = 1 << 19;

  private final FuzzTarget target;
  private final List<String> references;

  FuzzTargets(FuzzTarget target, String... references) {
    this.target = target;
    this.references = List.of(references);
  }

  FuzzTarget target() {
    return target;
  }

  /** As on the command line: {@code checkpoint-pickle}. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static FuzzTargets of(String label) {
    return Arrays.stream(values())
        .filter(t -> t.label().equals(label))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("no target '" + label + "'; there are " + labels()));
  }

  static List<String> labels() {
    return Arrays.stream(values()).map(FuzzTargets::label).toList();
  }

  /** Files to start from, the project's folder being the working directory. */
  List<Path> seeds() throws IOException {
    Stream<Path> folders =
        Stream.concat(
            Stream.of(RESOURCES.resolve(label())), references.stream().map(REFERENCE::resolve));
    return folders.flatMap(FuzzTargets::files).sorted().toList();
  }

  private static Stream<Path> files(Path folder) {
    if (!Files.isDirectory(folder)) {
      return Stream.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all
          .filter(f -> Files.isRegularFile(f) && f.toFile().length() <= MAX_SEED)
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file that targets share. */
  static byte[] resource(String name) throws IOException {
    try (InputStream in = FuzzTargets.class.getResourceAsStream("/fuzz/" + name)) {
      return in.readAllBytes();
    }
  }
}
