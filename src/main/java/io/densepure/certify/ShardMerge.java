package io.densepure.certify;

import io.densepure.InputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The journals of all shards of a run, to be read as one. */
public final class ShardMerge implements AutoCloseable {
  private final Map<Integer, Piece> pieces = new TreeMap<>(); // by the shard's number
  private final List<Integer> images;
  private Piece first; // of those given

  /** A shard's journal. */
  private record Piece(Path file, RunRecord record, Workload workload) {
    ShardNote note() {
      return record.header().shard();
    }

    boolean isDone(int image) {
      return workload.hasWhole(image)
          ? record.image(image) != null
          : record.parts().contains(image);
    }
  }

  private ShardMerge(List<Path> files) {
    try {
      files.forEach(this::add);
      requireAll();
      pieces.values().forEach(this::requireFinished);
      images =
          first.record.header().shard().images().stream().distinct().filter(this::isThere).toList();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * @param files the shards' journals, in any order
   * @throws InputException if they are not exactly the shards of one run, all finished
   */
  public static ShardMerge open(List<Path> files) {
    if (files.isEmpty()) {
      throw new InputException("there is no shard to merge");
    }
    return new ShardMerge(files);
  }

  private void add(Path file) {
    RunRecord record = RunRecord.open(file);
    ShardNote note = record.header().shard();
    if (note == null) {
      record.close();
      throw InputException.of("%s: is the journal of a whole run, not of a shard", file);
    }
    Workload workload = new Workload(note.images(), record.header().plan(), note.shard());
    Piece piece = new Piece(file, record, workload);
    Piece other = pieces.putIfAbsent(note.shard().index(), piece);
    if (other != null) {
      record.close();
      throw InputException.of("%s: is shard %s, as is %s", file, note.shard(), other.file);
    }
    first = first == null ? piece : first;
    record.header().requireSameRun(first.record.header(), file, first.file);
  }

  private void requireAll() {
    ShardNote note = first.record.header().shard();
    int count = note.shard().count();
    List<Integer> missing =
        IntStream.rangeClosed(1, count).filter(i -> !pieces.containsKey(i)).boxed().toList();
    if (!missing.isEmpty()) {
      throw InputException.of(
          "of %d shards %d %s missing: %s",
          count,
          missing.size(),
          missing.size() == 1 ? "is" : "are",
          missing.stream().limit(5).map(this::describe).collect(Collectors.joining(", "))
              + (missing.size() > 5 ? ", …" : ""));
    }
  }

  private String describe(int missing) {
    RunHeader header = first.record.header();
    Shard shard = new Shard(missing, header.shard().shard().count());
    Workload workload = new Workload(header.shard().images(), header.plan(), shard);
    return "shard %d (%s)".formatted(missing, workload.range());
  }

  private void requireFinished(Piece piece) {
    List<Integer> own = piece.workload.images();
    long done = own.stream().filter(piece::isDone).count();
    long readable = own.stream().filter(i -> !piece.record.leftOut().contains(i)).count();
    if (done < readable) {
      long lanes =
          own.stream().filter(piece::isDone).mapToLong(i -> piece.workload.part(i).lanes()).sum();
      throw InputException.of(
          "%s: shard %s is not finished: %d of %d images, %d of %d lanes; go on with: %s",
          piece.file,
          piece.note().shard(),
          done,
          readable,
          lanes + piece.record.unfinishedLanes(),
          piece.workload.lanes(),
          piece.note().command());
    }
  }

  /** Whether the image has a result; those that could not be read anywhere have none. */
  private boolean isThere(int image) {
    Piece without = null;
    Piece with = null;
    for (Piece piece : piecesOf(image)) {
      if (piece.isDone(image)) {
        with = piece;
      } else {
        without = piece;
      }
    }
    if (with != null && without != null) {
      throw InputException.of(
          "%s: image %d could not be read there, but for %s it could; go on with: %s",
          without.file, image, with.file, without.note().command());
    }
    return with != null;
  }

  private List<Piece> piecesOf(int image) {
    return pieces.values().stream().filter(p -> p.workload.part(image) != null).toList();
  }

  /** What the run does, as the journal of an unsharded run says it. */
  public RunHeader header() {
    return first.record.header().unsharded();
  }

  /** What the first shard was told. */
  public ShardNote note() {
    return first.record.header().shard();
  }

  /** How many shards there are. */
  public int shards() {
    return pieces.size();
  }

  /** The run's images, in order, without those that could not be read. */
  public List<Integer> images() {
    return images;
  }

  /** The votes of all shards on an image, and the time they took together. */
  public VoteBoard votes(int image) {
    List<Piece> of = piecesOf(image);
    if (of.size() == 1) {
      return of.get(0).record.votes(image);
    }
    RunHeader header = first.record.header();
    VoteBoard board = new VoteBoard(image, header.plan(), header.classes());
    of.forEach(piece -> piece.record.addPart(board));
    return board;
  }

  /** The true class of an image. */
  public int label(int image) {
    Piece piece = piecesOf(image).get(0);
    return piece.workload.hasWhole(image)
        ? piece.record.image(image).label()
        : piece.record.labelOfPart(image);
  }

  @Override
  public void close() {
    pieces.values().forEach(piece -> piece.record.close());
  }
}
