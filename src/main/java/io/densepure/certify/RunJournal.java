package io.densepure.certify;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.InputException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The memory of a run, {@code run.jsonl}: its configuration on line one, then a line for every
 * finished unit of work, each forced to the disk. Labels of images in progress are saved in chunks,
 * so that a crash loses seconds of work and not an image. A run that opens the journal of the same
 * configuration goes on where it ended. Thread-safe: a shutdown hook can close it under a run,
 * which then says nothing more to it.
 */
public final class RunJournal implements AutoCloseable {
  /** Field with the number of lanes that were not finite, where there are any. */
  static final String NOT_FINITE = "not_finite";

  private static final Duration SAVE_EVERY = Duration.ofSeconds(15);

  private final RunRecord record;
  private final AppendLog log;
  private final RunHeader header;
  private final long saveEveryNanos;
  private final LongSupplier nanoTime;
  private final long lanesBefore;
  private final Map<Integer, Open> open = new LinkedHashMap<>();
  private long lastSave;
  private boolean closed;

  /** An image in progress, and the stretch of its lanes that is not saved yet. */
  private static final class Open {
    final VoteBoard board;
    int from = Integer.MAX_VALUE;
    int to;

    Open(VoteBoard board) {
      this.board = board;
    }

    void add(int position) {
      from = Math.min(from, position);
      to = Math.max(to, position + 1);
    }

    void saved() {
      from = Integer.MAX_VALUE;
      to = 0;
    }
  }

  private RunJournal(
      Path file, RunHeader header, AppendLog log, Duration saveEvery, LongSupplier nanoTime) {
    this.header = header;
    this.log = log;
    this.saveEveryNanos = saveEvery.toNanos();
    this.nanoTime = nanoTime;
    this.lastSave = nanoTime.getAsLong();
    this.record = new RunRecord(file, log.channel());
    if (record.header() != null) {
      record.header().requireSame(header, file.toString());
    }
    this.lanesBefore = record.unfinishedLanes();
    log.startAt(record.end());
    if (record.header() == null) {
      log.append(header.toLine());
    }
  }

  /**
   * Continues the journal, or begins it if the file is absent or empty.
   *
   * @throws InputException if it belongs to another configuration, is damaged, is in use by another
   *     run or cannot be written
   */
  public static RunJournal open(Path file, RunHeader header) {
    return open(file, header, SAVE_EVERY, System::nanoTime);
  }

  static RunJournal open(Path file, RunHeader header, Duration saveEvery, LongSupplier nanoTime) {
    AppendLog log = AppendLog.open(file);
    try {
      return new RunJournal(file, header, log, saveEvery, nanoTime);
    } catch (RuntimeException e) {
      log.close();
      throw e;
    }
  }

  /** The images that earlier runs finished, in the order in which they were finished. */
  public List<CertifiedImage> finishedBefore() {
    return record.images();
  }

  /** How many lanes of images in progress earlier runs saved the labels of. */
  public long lanesBefore() {
    return lanesBefore;
  }

  /** The images of which an earlier run of this shard finished its part. */
  public Set<Integer> partsFinishedBefore() {
    return record.parts();
  }

  /** All votes of an image that an earlier run finished. */
  public synchronized VoteBoard votes(int image) {
    return record.votes(image);
  }

  /** The board of an image that is not finished, with the labels that earlier runs saved. */
  public synchronized VoteBoard board(int image) {
    VoteBoard saved = record.takeUnfinished(image);
    VoteBoard board = saved != null ? saved : new VoteBoard(image, header.plan(), header.classes());
    open.put(image, new Open(board));
    return board;
  }

  /** Notes that the boards have labels for these lanes now; saves them if it is time to. */
  public synchronized void lanesDone(List<Lane> lanes) {
    if (closed) {
      return;
    }
    for (Lane lane : lanes) {
      open.get(lane.image()).add(header.plan().position(lane));
    }
    if (nanoTime.getAsLong() - lastSave >= saveEveryNanos) {
      save();
    }
  }

  /** Writes down the result of an image together with all its votes. */
  public synchronized void finish(CertifiedImage image, VoteBoard board) {
    if (closed) {
      return;
    }
    Certificate certificate = image.certificate();
    ObjectNode line =
        JournalJson.object("image")
            .put("image", image.index())
            .put("label", image.label())
            .put("prediction", certificate.prediction())
            .put("radius", certificate.radius())
            .put("pABar", certificate.pABar())
            .put("nA", certificate.nA())
            .put("n", certificate.n())
            .put("seconds", image.seconds());
    noteNotFinite(line, board);
    append(line.put("votes", VoteCodec.encode(board, 0, board.plan().lanes())));
    open.remove(image.index());
  }

  /** Writes down that this shard's lanes of an image are done, and the image's true class. */
  public synchronized void finishPart(Workload.Part part, int label, VoteBoard board) {
    if (closed) {
      return;
    }
    ObjectNode line =
        JournalJson.object("part")
            .put("image", part.image())
            .put("label", label)
            .put("from", part.from())
            .put("to", part.to())
            .put("seconds", board.seconds());
    noteNotFinite(line, board);
    append(line.put("votes", VoteCodec.encode(board, part.from(), part.to())));
    open.remove(part.image());
  }

  private static void noteNotFinite(ObjectNode line, VoteBoard board) {
    if (board.notFinite() > 0) {
      line.put(NOT_FINITE, board.notFinite());
    }
  }

  /** Writes down that an image could not be read; a later run may do better. */
  public synchronized void leaveOut(int image) {
    if (!closed && !record.leftOut().contains(image)) {
      append(JournalJson.object("left-out").put("image", image));
    }
  }

  /** Saves all labels that have come in; also for the end of an interrupted run. */
  public synchronized void save() {
    if (closed) {
      return;
    }
    for (Open image : open.values()) {
      if (image.from < image.to) {
        append(
            JournalJson.object("lanes")
                .put("image", image.board.image())
                .put("from", image.from)
                .put("to", image.to)
                .put("seconds", image.board.seconds())
                .put("votes", VoteCodec.encode(image.board, image.from, image.to)));
        image.saved();
      }
    }
    lastSave = nanoTime.getAsLong();
  }

  private void append(ObjectNode line) {
    try {
      log.append(JournalSeal.seal(line.toString()));
    } catch (InputException e) {
      open.clear(); // nothing more can be saved, and one message is enough
      close();
      throw e;
    }
  }

  /** Saves and closes; a second time does nothing. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    try (log) {
      save();
    } finally {
      closed = true;
    }
  }
}
