package io.densepure.certify;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.InputException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a journal ({@code run.jsonl}) says: the run's configuration, the finished images, and the
 * lanes of images in progress. Votes of finished images stay in the file until asked for. A torn
 * last line is left out; any other damage is refused.
 */
public final class RunRecord implements AutoCloseable {
  /** Lanes of images in progress: half a gigabyte of labels, which a short line announces. */
  private static final long MAX_UNFINISHED = 1L << 28;

  private static final String JOURNAL_START = "{\"type\":\"run\"";

  private final Path file;
  private final FileChannel channel;
  private final Map<Integer, Finished> finished = new LinkedHashMap<>();
  private final Map<Integer, Part> parts = new LinkedHashMap<>();
  private final Set<Integer> leftOut = new LinkedHashSet<>();
  private final Map<Integer, VoteBoard> unfinished = new HashMap<>();
  private RunHeader header;
  private long end;

  private record Finished(CertifiedImage image, long start) {}

  private record Part(int label, int from, int to, double seconds, long start) {}

  /** Reads all that the channel holds; closing this record closes the channel. */
  RunRecord(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
    try {
      readLines(new JournalLines(file, channel, 0));
    } catch (IOException e) {
      throw InputException.unreadable(file, e);
    }
  }

  /**
   * @throws InputException naming the file and the line that is wrong
   */
  public static RunRecord open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw InputException.of("%s: no such file", file);
    }
    try {
      RunRecord record = new RunRecord(file, FileChannel.open(file));
      if (record.header == null) {
        record.close();
        throw InputException.of("%s: is empty", file);
      }
      return record;
    } catch (IOException e) {
      throw InputException.unreadable(file, e);
    }
  }

  /** What the run does; null only for a journal that has not begun, seen by {@link RunJournal}. */
  public RunHeader header() {
    return header;
  }

  /** The finished images, in the order in which they were finished. */
  public List<CertifiedImage> images() {
    return finished.values().stream().map(Finished::image).toList();
  }

  /** The result of an image, or null if it is not among the finished ones. */
  CertifiedImage image(int index) {
    Finished found = finished.get(index);
    return found == null ? null : found.image;
  }

  /**
   * All votes of a finished image, read from the file.
   *
   * @throws InputException if there is no such image or the file cannot be read
   */
  public VoteBoard votes(int image) {
    Finished where = finished.get(image);
    if (where == null) {
      throw InputException.of("%s: image %d is not among the finished ones", file, image);
    }
    VoteBoard board = newBoard(image);
    readVotes(board, where.start, 0, header.plan().lanes());
    board.addSeconds(where.image.seconds());
    return board;
  }

  /** The images of which a shard has finished its part. */
  Set<Integer> parts() {
    return Collections.unmodifiableSet(parts.keySet());
  }

  /** The true class of an image of {@link #parts}. */
  int labelOfPart(int image) {
    return parts.get(image).label;
  }

  /** Enters the votes of an image of {@link #parts}, and their time. */
  void addPart(VoteBoard board) {
    Part part = parts.get(board.image());
    readVotes(board, part.start, part.from, part.to);
    board.addSeconds(part.seconds);
  }

  /** Images that could not be read. */
  Set<Integer> leftOut() {
    return Collections.unmodifiableSet(leftOut);
  }

  private void readVotes(VoteBoard board, long start, int from, int to) {
    try {
      JournalLines.Line line = new JournalLines(file, channel, start).next();
      JournalSeal.check(line.text());
      String votes = JournalJson.text(JournalJson.parse(line.text()), "votes");
      VoteCodec.decode(votes, board, from, to);
    } catch (IllegalArgumentException e) {
      throw new InputException(
          file + ": the votes of image " + board.image() + " are damaged: " + e.getMessage(), e);
    } catch (IOException e) {
      throw InputException.unreadable(file, e);
    }
  }

  /** Hands over the lanes of an image in progress, or null if there are none. */
  VoteBoard takeUnfinished(int image) {
    return unfinished.remove(image);
  }

  /** How many lanes of images in progress have labels. */
  long unfinishedLanes() {
    return unfinished.values().stream().mapToLong(VoteBoard::known).sum();
  }

  /** Where the last whole line ends. */
  long end() {
    return end;
  }

  VoteBoard newBoard(int image) {
    return new VoteBoard(image, header.plan(), header.classes());
  }

  private void readLines(JournalLines lines) throws IOException {
    int number = 1;
    JournalLines.Line line = lines.next();
    while (line != null) {
      JournalLines.Line following = lines.next();
      try {
        requireJournal(line.text());
        if (!line.whole()) {
          return;
        }
        readLineOrSay(line);
        end = line.end();
      } catch (IllegalArgumentException e) {
        // A crash can leave a last line of the right length with the wrong bytes.
        if (following != null || header == null) {
          throw new InputException(
              String.format("%s, line %d: is damaged: %s", file, number, e.getMessage()), e);
        }
      }
      line = following;
      number++;
    }
  }

  /** Without this a slip in a file's name would cost that file. */
  private void requireJournal(String firstLine) {
    if (header == null && !firstLine.startsWith(JOURNAL_START)) {
      throw InputException.of(
          "%s: is no journal of a run; move this file away or name another", file);
    }
  }

  /** As {@link #readLine}; what no run can have is damage, too. */
  private void readLineOrSay(JournalLines.Line line) {
    try {
      readLine(line);
    } catch (InputException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private void readLine(JournalLines.Line line) {
    if (header == null) {
      header = RunHeader.parse(line.text());
      return;
    }
    JournalSeal.check(line.text());
    ObjectNode json = JournalJson.parse(line.text());
    String type = JournalJson.text(json, "type");
    switch (type) {
      case "lanes" -> readLanes(json);
      case "image" -> readImage(json, line.start());
      case "part" -> readPart(json, line.start());
      case "left-out" -> leftOut.add(JournalJson.integer(json, "image"));
      default -> throw new IllegalArgumentException("its type is " + type);
    }
  }

  private void readLanes(ObjectNode json) {
    int image = JournalJson.integer(json, "image");
    if ((unfinished.size() + 1L) * header.plan().lanes() > MAX_UNFINISHED) {
      throw new IllegalArgumentException("more images are in progress than any run has");
    }
    VoteBoard board = unfinished.computeIfAbsent(image, this::newBoard);
    int from = JournalJson.integer(json, "from");
    int to = JournalJson.integer(json, "to");
    VoteCodec.decode(JournalJson.text(json, "votes"), board, from, to);
    board.addSeconds(JournalJson.seconds(json) - board.seconds());
  }

  private void readImage(ObjectNode json, long start) {
    int index = JournalJson.integer(json, "image");
    Certificate certificate =
        new Certificate(
            JournalJson.integer(json, "prediction"),
            JournalJson.number(json, "radius"),
            JournalJson.number(json, "pABar"),
            JournalJson.integer(json, "nA"),
            JournalJson.integer(json, "n"));
    if (certificate.prediction() < Certificate.ABSTAIN
        || certificate.prediction() >= header.classes()) {
      throw new IllegalArgumentException("there is no class " + certificate.prediction());
    }
    CertifiedImage image =
        new CertifiedImage(
            index,
            JournalJson.integer(json, "label"),
            certificate,
            JournalJson.seconds(json),
            json.path(RunJournal.NOT_FINITE).asInt(0));
    finished.put(index, new Finished(image, start));
    settle(index);
  }

  private void readPart(ObjectNode json, long start) {
    int image = JournalJson.integer(json, "image");
    Part part =
        new Part(
            JournalJson.integer(json, "label"),
            JournalJson.integer(json, "from"),
            JournalJson.integer(json, "to"),
            JournalJson.seconds(json),
            start);
    parts.put(image, part);
    settle(image);
  }

  /** Nothing is left to be done of the image. */
  private void settle(int image) {
    unfinished.remove(image);
    leftOut.remove(image);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new InputException(file + ": cannot be closed: " + InputException.reason(e), e);
    }
  }
}
