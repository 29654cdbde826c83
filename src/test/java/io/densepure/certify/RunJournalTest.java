package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunJournalTest {
  private static final SamplingPlan PLAN = new SamplingPlan(3, 8, 4);
  private static final RunHeader HEADER = JournalFixture.header(PLAN);
  private static final Certificate CERTIFICATE = new Certificate(3, 0.1 + 0.2, 0.75, 7, 8);

  @TempDir Path temp;
  private Path file;

  @BeforeEach
  void place() {
    file = temp.resolve("results").resolve("run.jsonl");
  }

  /** Image 20 finished, image 40 half done. */
  private void write() {
    try (RunJournal journal = RunJournal.open(file, HEADER)) {
      classify(journal, journal.board(40), 22, 30);
      VoteBoard board = journal.board(20);
      board.addSeconds(2.5);
      classify(journal, board, 0, 44);
      journal.finish(new CertifiedImage(20, 3, CERTIFICATE, board.seconds()), board);
    }
  }

  private static void classify(RunJournal journal, VoteBoard board, int from, int to) {
    for (int position = from; position < to; position++) {
      Lane lane = PLAN.lane(board.image(), position);
      board.set(position, HashClassifier.label(lane));
      journal.lanesDone(List.of(lane));
    }
  }

  private static void assertLabels(VoteBoard board, int from, int to) {
    for (int position = 0; position < PLAN.lanes(); position++) {
      int label = HashClassifier.label(PLAN.lane(board.image(), position));
      int expected = position >= from && position < to ? label : VoteBoard.UNKNOWN;
      assertEquals(expected, board.label(position), "lane " + position);
    }
  }

  @Test
  void whatWasWrittenIsReadBack() {
    write();
    try (RunJournal journal = RunJournal.open(file, HEADER)) {
      assertEquals(List.of(new CertifiedImage(20, 3, CERTIFICATE, 2.5)), journal.finishedBefore());
      assertLabels(journal.votes(20), 0, 44);
      assertLabels(journal.board(40), 22, 30);
      assertLabels(journal.board(60), 0, 0);
    }
    try (RunRecord record = RunRecord.open(file)) {
      assertEquals(HEADER.config(), record.header().config());
      assertEquals(HEADER.versions(), record.header().versions());
      assertEquals(PLAN, record.header().plan());
      assertEquals(List.of(20), record.images().stream().map(CertifiedImage::index).toList());
      assertLabels(record.votes(20), 0, 44);
      assertThrows(InputException.class, () -> record.votes(40));
    }
  }

  @Test
  void votesOfAThousandClassesKeepTheirLabels() {
    RunHeader imagenet =
        new RunHeader(JournalFixture.config(), PLAN, 1000, JournalFixture.versions("1.0"));
    try (RunJournal journal = RunJournal.open(file, imagenet)) {
      VoteBoard board = journal.board(5);
      for (int position = 0; position < PLAN.lanes(); position++) {
        board.set(position, position * 22);
      }
      journal.finish(new CertifiedImage(5, 3, CERTIFICATE, 1), board);
    }
    try (RunRecord record = RunRecord.open(file)) {
      for (int position = 0; position < PLAN.lanes(); position++) {
        assertEquals(position * 22, record.votes(5).label(position));
      }
    }
  }

  /**
   * Cut after any byte of the last two lines, or with bytes lost: a line that is not whole counts
   * as not written.
   */
  @Test
  void tornLastLineIsLeftOutAndOverwritten() throws IOException {
    write();
    byte[] whole = Files.readAllBytes(file);
    int lastLine = lastLineStart(whole);
    int lineBefore = lastLineStart(Arrays.copyOf(whole, lastLine));
    for (int length = lineBefore; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertContinues(length < lastLine ? 0 : 1);
    }
    byte[] lost = whole.clone();
    Arrays.fill(lost, lastLine, lost.length - 1, (byte) 0);
    Files.write(file, lost);
    assertContinues(1);
  }

  /** Without its last line the journal of {@link #write} holds image 20; without both, nothing. */
  private void assertContinues(int images) throws IOException {
    try (RunJournal journal = RunJournal.open(file, HEADER)) {
      assertEquals(images, journal.finishedBefore().size());
      VoteBoard board = journal.board(40);
      assertLabels(board, 0, 0);
      classify(journal, board, 0, 44);
      journal.finish(new CertifiedImage(40, 3, CERTIFICATE, 1), board);
    }
    try (RunRecord record = RunRecord.open(file)) {
      List<Integer> finished = record.images().stream().map(CertifiedImage::index).toList();
      assertEquals(images == 0 ? List.of(40) : List.of(20, 40), finished);
      assertLabels(record.votes(40), 0, 44);
    }
  }

  private static int lastLineStart(byte[] whole) {
    int at = whole.length - 2;
    while (whole[at] != '\n') {
      at--;
    }
    return at + 1;
  }

  @Test
  void openingDropsTheTornLine() throws IOException {
    write();
    String whole = Files.readString(file);
    Files.writeString(file, "{\"type\":\"image\",\"image\":40", StandardOpenOption.APPEND);
    RunJournal.open(file, HEADER).close();
    assertEquals(whole, Files.readString(file));
  }

  @Test
  void tornFirstLineIsANewBeginning() throws IOException {
    write();
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, 60));
    try (RunJournal journal = RunJournal.open(file, HEADER)) {
      assertEquals(List.of(), journal.finishedBefore());
    }
    assertEquals(HEADER.toLine() + "\n", Files.readString(file));
  }

  @Test
  void otherFilesAreNotOverwritten() throws IOException {
    Files.createDirectories(file.getParent());
    for (String text : List.of("my thesis", "my thesis\n", "{}\n", "[1]\n{}\n", "\n")) {
      Files.writeString(file, text);
      assertRefused(HEADER, "run.jsonl: is no journal of a run");
      assertEquals(text, Files.readString(file));
    }
  }

  @Test
  void damageBeforeTheLastLineIsRefusedByLine() throws IOException {
    write();
    List<String> lines = Files.readAllLines(file);
    String image = unseal(lines.get(1));
    for (String damaged :
        List.of("", "not json", "{}", image, image + "{}", lines.get(1).replace(":20", ":21"))) {
      assertSecondLineRefused(lines, damaged, "checksum");
    }
    String lanes = unseal(lines.get(2));
    for (String votes : List.of("", "AAAA", "!", lanes.replaceAll(".*votes\":\"|\"}", "") + "AA")) {
      String others = lanes.replaceAll("\"votes\":\"[^\"]*", "\"votes\":\"" + votes);
      assertSecondLineRefused(lines, JournalSeal.seal(others), "");
    }
  }

  /** As another program might write it, checksums and all. */
  @Test
  void whatMakesNoSenseIsRefusedByLine() throws IOException {
    write();
    List<String> lines = Files.readAllLines(file);
    String image = unseal(lines.get(1));
    String lanes = unseal(lines.get(2));
    String[][] refused = {
      {"{\"type\":\"image\"}", "image is missing"},
      {"{\"type\":\"other\"}", "other"},
      {image.replace("\"image\":20", "\"image\":\"20\""), "image is not an integer"},
      {image.replace("\"prediction\":3", "\"prediction\":99"), "no class 99"},
      {image.replace("\"seconds\":2.5", "\"seconds\":1e17"), "seconds is 1.0E17"},
      {image.replace("\"seconds\":2.5", "\"seconds\":1e999"), "seconds is Infinity"},
      {image.replace("\"seconds\":2.5", "\"seconds\":-1"), "seconds is -1.0"},
      {lanes.replaceFirst("\"seconds\":[^,]*", "\"seconds\":1e17"), "seconds is 1.0E17"},
      {lanes.replace("\"to\":30", "\"to\":300000000"), "do not exist"},
      {lanes.replace("\"to\":30", "\"to\":29"), "7 bytes"}
    };
    for (String[] line : refused) {
      assertSecondLineRefused(lines, JournalSeal.seal(line[0]), line[1]);
    }
  }

  private static String unseal(String line) {
    return line.replaceFirst(",\"crc\".*", "}");
  }

  private void assertSecondLineRefused(List<String> lines, String second, String reason)
      throws IOException {
    Files.writeString(file, String.join("\n", lines.get(0), second, lines.get(1)) + "\n");
    assertRefused(HEADER, "line 2");
    assertRefused(HEADER, reason);
  }

  /** Sealed and with its hash, so that another program could have written it; no run would. */
  @Test
  void aFirstLineThatNoRunWritesIsRefused() throws IOException {
    refuseFirstLine("2 reverse seeds for 4 votes", setting("reverse_seeds", "[1, 2]"), 5);
    refuseFirstLine("reverse_seeds is not a list", setting("reverse_seeds", "1, 2"), 5);
    refuseFirstLine("target_radii is not a list", setting("target_radii", ""), 5);
    refuseFirstLine("target_radii has [0.5, -1.0]", setting("target_radii", "[0.5, -1.0]"), 5);
    refuseFirstLine("target_radii has [NaN]", setting("target_radii", "[NaN]"), 5);
    refuseFirstLine("its number of classes is 0", JournalFixture.config(), 0);
    refuseFirstLine("its number of classes is 32768", JournalFixture.config(), 32768);
    String noSamples = unseal(HEADER.toLine()).replace("\"n0\":3", "\"n0\":0");
    refuseFirstLine("N0", JournalSeal.seal(noSamples));
  }

  private static ObjectNode setting(String field, String value) {
    return JournalFixture.config().put(field, value);
  }

  private void refuseFirstLine(String reason, ObjectNode config, int classes) throws IOException {
    refuseFirstLine(reason, new RunHeader(config, PLAN, classes, HEADER.versions()).toLine());
  }

  private void refuseFirstLine(String reason, String line) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, line + "\n");
    assertRefused(HEADER, "run.jsonl, line 1: is damaged: ");
    assertRefused(HEADER, reason);
  }

  @Test
  void aShardsFirstLineHasASeedForEachVote() throws IOException {
    List<Long> seeds = List.of(1L, 2L, 3L, 4L);
    VoteFiles files = new VoteFiles("v-");
    RunRecord.open(shard(seeds, new VoteSaving(files, List.of(1L), true))).close();
    for (ShardNote wrong :
        List.of(
            note(List.of(1L), null),
            note(seeds, VoteSaving.each(files, List.of(1L))),
            note(seeds, new VoteSaving(files, seeds, true)))) {
      Path journal = shard(wrong);
      InputException e = assertThrows(InputException.class, () -> RunRecord.open(journal));
      assertTrue(e.getMessage().contains("line 1"), e.getMessage());
      assertTrue(e.getMessage().contains("do not fit its votes"), e.getMessage());
    }
  }

  private static ShardNote note(List<Long> seeds, VoteSaving saving) {
    return new ShardNote(new Shard(1, 2), List.of(3), seeds, saving, "densepure certify");
  }

  private Path shard(List<Long> seeds, VoteSaving saving) throws IOException {
    return shard(note(seeds, saving));
  }

  private Path shard(ShardNote note) throws IOException {
    RunHeader header =
        new RunHeader(HEADER.config(), PLAN, HEADER.classes(), HEADER.versions(), note);
    return Files.writeString(temp.resolve("shard.jsonl"), header.toLine() + "\n");
  }

  @Test
  void namesOfClassesCannotCommandTheTerminal() {
    RunHeader named = HEADER.withClassNames(List.of("cat", "\u001b[2J\ndog"));
    assertEquals(List.of("cat", "\\u001b[2J\\u000adog"), named.classNames());
  }

  @Test
  void journalsOfOtherVersionsAreRefused() throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, unseal(HEADER.toLine()).replace("\"format\":2", "\"format\":1") + "\n");
    assertRefused(HEADER, "older version: finish the run with that one, or start anew");
    Files.writeString(file, HEADER.toLine().replace("\"format\":2", "\"format\":3") + "\n");
    assertRefused(HEADER, "take a newer version");
  }

  /**
   * One bit, anywhere: what is read is what was written, a part of it from its start, or nothing.
   */
  @Test
  void aFlippedBitNeverGivesWrongResults() throws IOException {
    write();
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(20_240_601);
    int refused = 0;
    int shortened = 0;
    for (int i = 0; i < 800; i++) {
      byte[] flipped = whole.clone();
      flipped[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, flipped);
      try (RunJournal journal = RunJournal.open(file, HEADER)) {
        VoteBoard board = journal.board(40);
        assertEquals(0, board.known(), "the damaged line is the last one");
        if (!journal.finishedBefore().isEmpty()) { // else both lines are one, without a newline
          assertEquals(
              List.of(new CertifiedImage(20, 3, CERTIFICATE, 2.5)), journal.finishedBefore());
          assertLabels(journal.votes(20), 0, 44);
        }
        shortened++;
      } catch (InputException e) {
        boolean inItsFirstWords = e.getMessage().contains("run.jsonl: is no journal of a run");
        assertTrue(inItsFirstWords || e.getMessage().contains("run.jsonl, line "), e.getMessage());
        refused++;
      }
    }
    assertTrue(refused > 100 && shortened > 100, refused + " refused, " + shortened + " shortened");
  }

  @Test
  void damagedVotesOfAFinishedImageAreRefusedWhenAskedFor() throws IOException {
    write();
    List<String> lines = Files.readAllLines(file);
    String other = unseal(lines.get(1)).replaceFirst("\"votes\":\"[^\"]*", "\"votes\":\"AAAA");
    Files.writeString(file, lines.get(0) + "\n" + JournalSeal.seal(other) + "\n");
    try (RunRecord record = RunRecord.open(file)) {
      InputException e = assertThrows(InputException.class, () -> record.votes(20));
      assertTrue(e.getMessage().contains("image 20"), e.getMessage());
    }
  }

  @Test
  void anotherConfigurationIsRefusedByTheFieldThatDiffers() {
    write();
    assertOtherConfigRefused("sigma = 0.25", config -> config.put("sigma", 0.5));
    assertOtherConfigRefused("alpha", config -> config.remove("alpha"));
    assertOtherConfigRefused("t_plus = (none)", config -> config.put("t_plus", 1));
    assertOtherConfigRefused(
        "classifier.kind = \"vit\"", config -> config.withObject("/classifier").put("kind", "wrn"));
    assertOtherConfigRefused(
        "reverseSeeds = [0,1]", config -> config.withArray("reverseSeeds").add(2));
    RunHeader other =
        new RunHeader(HEADER.config(), new SamplingPlan(3, 9, 4), 5, HEADER.versions());
    assertRefused(other, "N = 8, but this one has 9");
    other = new RunHeader(HEADER.config(), PLAN, 6, HEADER.versions());
    assertRefused(other, "classes = 5");
  }

  private interface Change {
    void apply(ObjectNode config);
  }

  private void assertOtherConfigRefused(String field, Change change) {
    ObjectNode config = JournalFixture.config();
    change.apply(config);
    assertRefused(new RunHeader(config, PLAN, 5, HEADER.versions()), field);
  }

  private void assertRefused(RunHeader header, String reason) {
    InputException e =
        assertThrows(InputException.class, () -> RunJournal.open(file, header).close());
    assertTrue(e.getMessage().contains("run.jsonl"), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  @Test
  void orderOfFieldsAndVersionsDoNotMatter() {
    write();
    ObjectNode reversed = JournalFixture.config();
    reversed.set("dataset", reversed.remove("dataset"));
    RunHeader same = new RunHeader(reversed, PLAN, 5, JournalFixture.versions("2.0"));
    assertEquals(HEADER.hash(), same.hash());
    try (RunJournal journal = RunJournal.open(file, same)) {
      assertEquals(1, journal.finishedBefore().size());
    }
  }

  @Test
  void tamperedConfigurationIsRefused() throws IOException {
    write();
    String line = unseal(HEADER.toLine()).replace("\"sigma\":0.25", "\"sigma\":0.5");
    Files.writeString(file, JournalSeal.seal(line) + "\n");
    assertRefused(HEADER, "hash");
  }

  @Test
  void secondRunIsKeptOutWhileTheFirstWrites() {
    try (RunJournal journal = RunJournal.open(file, HEADER)) {
      assertRefused(HEADER, "another run");
      journal.board(1);
    }
    RunJournal.open(file, HEADER).close();
  }

  @Test
  void labelsAreSavedWhenTheIntervalIsOver() throws IOException {
    AtomicLong now = new AtomicLong();
    Duration every = Duration.ofSeconds(15);
    try (RunJournal journal = RunJournal.open(file, HEADER, every, now::get)) {
      VoteBoard board = journal.board(40);
      classify(journal, board, 0, 10);
      assertEquals(1, Files.readAllLines(file).size());
      now.addAndGet(every.toNanos());
      classify(journal, board, 10, 12);
      assertEquals(2, Files.readAllLines(file).size());
      // What a crash would leave now: the lane that found the interval over, and all before it.
      try (RunRecord record = copyOf(file)) {
        assertLabels(record.takeUnfinished(40), 0, 11);
      }
      now.addAndGet(every.toNanos());
      classify(journal, board, 12, 13);
      try (RunRecord record = copyOf(file)) {
        assertLabels(record.takeUnfinished(40), 0, 13);
        assertNull(record.takeUnfinished(20));
      }
    }
  }

  private RunRecord copyOf(Path journal) throws IOException {
    Path copy = temp.resolve("copy.jsonl");
    Files.write(copy, Files.readAllBytes(journal));
    return RunRecord.open(copy);
  }

  @Test
  void closedJournalStaysAsItIs() throws IOException {
    RunJournal journal = RunJournal.open(file, HEADER);
    VoteBoard board = journal.board(40);
    classify(journal, board, 0, 3);
    journal.close();
    String text = Files.readString(file);
    classify(journal, board, 3, 44);
    journal.finish(new CertifiedImage(40, 3, CERTIFICATE, 1), board);
    journal.save();
    journal.close();
    assertEquals(text, Files.readString(file));
  }

  @Test
  void emptyAndMissingJournalsAreNoRecord() throws IOException {
    assertThrows(InputException.class, () -> RunRecord.open(file));
    Files.createDirectories(file.getParent());
    Files.createFile(file);
    assertThrows(InputException.class, () -> RunRecord.open(file));
  }

  @Test
  void placeThatCannotBeWrittenIsNamed() throws IOException {
    Files.createDirectories(file);
    assertRefused(HEADER, "cannot be written");
  }

  @Test
  void fullDiskGivesOneMessageAndKeepsWhatWasSaved() throws IOException {
    RunHeader header = HEADER;
    Files.createDirectories(file.getParent());
    try (FullDiskChannel channel = FullDiskChannel.open(file, header.toLine().length() + 40)) {
      AppendLog log = new AppendLog(file, channel);
      log.startAt(0);
      log.append(header.toLine());
      InputException e = assertThrows(InputException.class, () -> log.append("x".repeat(100)));
      assertTrue(e.getMessage().contains("No space left on device"), e.getMessage());
      assertTrue(e.getMessage().contains("run.jsonl"), e.getMessage());
      log.append("short enough");
    }
    assertEquals(header.toLine() + "\nshort enough\n", Files.readString(file));
  }

  @Test
  void longLinesAreReadWhole() throws IOException {
    write();
    String line = Files.readAllLines(file).get(1);
    String padded =
        unseal(line).replace("{\"type\"", "{\"padding\":\"" + "x".repeat(200_000) + "\",\"type\"");
    String other = JournalSeal.seal(padded.replace(":20,", ":21,"));
    Files.writeString(
        file,
        String.join("\n", HEADER.toLine(), JournalSeal.seal(padded), other) + "\n",
        StandardCharsets.UTF_8);
    try (RunRecord record = RunRecord.open(file)) {
      assertEquals(2, record.images().size());
      assertLabels(record.votes(20), 0, 44);
    }
  }
}
