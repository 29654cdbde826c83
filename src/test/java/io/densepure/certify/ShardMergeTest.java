package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterTry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run in shards is the run: the same results, whatever is split where. */
class ShardMergeTest {
  private static final List<Long> SEEDS = List.of(5L, 6L, 7L, 8L, 9L, 10L);

  @TempDir Path temp;

  /** A run of some images on a classifier that leans to a class, early or exhaustive. */
  private record Run(
      Path folder,
      SamplingPlan plan,
      List<Integer> images,
      VoteCertifier certifier,
      boolean early) {
    ObjectNode config() {
      return JournalFixture.config()
          .put("sigma", 0.5)
          .put("alpha", certifier == null ? 0 : ALPHA)
          .put("voting", early ? "early" : "exhaustive");
    }

    RunHeader header(Shard shard) {
      ShardNote note =
          shard == null
              ? null
              : new ShardNote(shard, images, seeds(), saving(), "densepure certify");
      return new RunHeader(
          config(), plan, HashClassifier.CLASSES, JournalFixture.versions("1"), note);
    }

    String votesPrefix() {
      return folder + "/v-";
    }

    List<Long> seeds() {
      return SEEDS.subList(0, plan.votes());
    }

    VoteSaving saving() {
      return early ? null : VoteSaving.each(new VoteFiles(votesPrefix()), seeds());
    }

    Path table(Shard shard) {
      return folder.resolve("out" + (shard == null ? "" : shard.suffix()));
    }

    Path journal(Shard shard) {
      return MergedRun.journal(table(shard));
    }

    Function<VoteBoard, Certificate> certificates() {
      return early ? certifier::certifyEarly : certifier::certify;
    }

    List<CertifiedImage> run(Shard shard, int batch) {
      return run(shard, new HashClassifier(batch));
    }

    List<CertifiedImage> run(Shard shard, HashClassifier device) {
      return run(shard, device, -1);
    }

    List<CertifiedImage> run(Shard shard, HashClassifier device, int unreadable) {
      Workload workload = new Workload(images, plan, shard);
      VotePolicy policy =
          early ? new EarlyVoting(certifier, 2 * device.batchSize()) : VotePolicy.EXHAUSTIVE;
      try (RunJournal journal = RunJournal.open(journal(shard), header(shard));
          ResultFiles files = new ResultFiles(table(shard), saving())) {
        ResultRecorder recorder =
            new ResultRecorder(journal, workload, certificates(), image -> image % 5, files);
        assertTrue(
            new LaneScheduler(List.of(device), workload.limit(policy))
                .run(
                    recorder.remaining(),
                    image -> image == unreadable ? leaveOut(journal, image) : journal.board(image),
                    recorder));
        return List.copyOf(recorder.results());
      }
    }

    private static VoteBoard leaveOut(RunJournal journal, int image) {
      journal.leaveOut(image);
      return null;
    }

    List<CertifiedImage> merge(int shards) {
      try (ShardMerge merge = ShardMerge.open(journals(shards))) {
        return new MergedRun(merge, table(null), null).write();
      }
    }

    List<Path> journals(int shards) {
      List<Path> journals = new ArrayList<>();
      IntStream.rangeClosed(1, shards).forEach(i -> journals.add(journal(new Shard(i, shards))));
      Collections.shuffle(journals, new Random(shards));
      return journals;
    }
  }

  private static final double ALPHA = 0.05;
  private static final VoteCertifier CERTIFIER = new VoteCertifier(0.5, ALPHA);
  private final List<Path> folders = new ArrayList<>();

  private Run run(SamplingPlan plan, List<Integer> images, boolean early) throws IOException {
    folders.add(Files.createTempDirectory("shards"));
    return new Run(folders.get(folders.size() - 1), plan, images, CERTIFIER, early);
  }

  @AfterTry
  void tidyUp() throws IOException {
    for (Path folder : folders) {
      try (var files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
    folders.clear();
  }

  @Test
  void aJournalDoesNotChooseWhereFilesAreWritten() throws IOException {
    Run run = run(new SamplingPlan(2, 3, 1), List.of(0), false);
    run.run(new Shard(1, 1), 4);
    Path here = Files.createDirectory(temp.resolve("here"));
    try (ShardMerge merge = ShardMerge.open(run.journals(1))) {
      Path table = here.resolve("out");
      InputException e =
          assertThrows(InputException.class, () -> new MergedRun(merge, table, null));
      assertTrue(e.getMessage().contains("--predictions_path"), e.getMessage());
      new MergedRun(merge, table, here.resolve("v-").toString()).write();
      assertTrue(Files.exists(here.resolve("v-0-5-n_predictions.npy")));
    }
    tidyUp();
  }

  @Property(tries = 150)
  void mergedShardsAreTheRun(
      @ForAll @IntRange(min = 1, max = 5) int n0,
      @ForAll @IntRange(min = 1, max = 40) int n,
      @ForAll @IntRange(min = 1, max = 6) int votes,
      @ForAll @IntRange(min = 1, max = 5) int images,
      @ForAll @IntRange(min = 1, max = 9) int shards,
      @ForAll @IntRange(min = 1, max = 40) int batch,
      @ForAll boolean early,
      @ForAll @IntRange(max = 1000) int firstImage)
      throws IOException {
    SamplingPlan plan = new SamplingPlan(n0, n, votes);
    int count = Math.min(shards, images * (n0 + n));
    List<Integer> ids = IntStream.range(0, images).map(i -> firstImage + 7 * i).boxed().toList();
    Run whole = run(plan, ids, early);
    List<CertifiedImage> expected = whole.run(null, batch);
    Run split = run(plan, ids, early);
    int whollyOwned = 0;
    for (int i = count; i >= 1; i--) { // in any order
      whollyOwned += split.run(new Shard(i, count), 41 - batch).size();
    }
    assertTrue(count > 1 || whollyOwned == images);
    assertEquals(withoutTime(expected), withoutTime(split.merge(count)));
    assertEquals(withoutTime(expected), withoutTime(split.run(null, new HashClassifier(1, 0))));
    if (!early) {
      for (int image : ids) {
        for (int vote = 0; vote < votes; vote++) {
          for (Lane.Phase phase : Lane.Phase.values()) {
            assertEquals(
                -1,
                Files.mismatch(
                    new VoteFiles(whole.votesPrefix()).path(image, SEEDS.get(vote), phase),
                    new VoteFiles(split.votesPrefix()).path(image, SEEDS.get(vote), phase)));
          }
        }
      }
    }
  }

  private static List<CertifiedImage> withoutTime(List<CertifiedImage> images) {
    return images.stream()
        .map(i -> new CertifiedImage(i.index(), i.label(), i.certificate(), 0))
        .toList();
  }

  /** Every copy belongs to one shard; shards are stretches and differ by a copy at most. */
  @Property(tries = 500)
  void shardsPartitionTheCopies(
      @ForAll @IntRange(min = 1, max = 20) int n0,
      @ForAll @IntRange(min = 1, max = 200) int n,
      @ForAll @IntRange(min = 1, max = 5) int votes,
      @ForAll @IntRange(min = 1, max = 12) int images,
      @ForAll @IntRange(min = 1, max = 30) int shards) {
    SamplingPlan plan = new SamplingPlan(n0, n, votes);
    List<Integer> ids = IntStream.range(0, images).boxed().toList();
    int count = Math.min(shards, images * (n0 + n));
    long next = 0;
    long smallest = Long.MAX_VALUE;
    long largest = 0;
    for (int i = 1; i <= count; i++) {
      Workload workload = new Workload(ids, plan, new Shard(i, count));
      for (int image : workload.images()) {
        Workload.Part part = workload.part(image);
        assertEquals(next, (long) image * plan.lanes() + part.from());
        assertTrue(part.lanes() > 0 && part.from() % votes == 0 && part.to() % votes == 0);
        next += part.lanes();
      }
      smallest = Math.min(smallest, workload.lanes());
      largest = Math.max(largest, workload.lanes());
    }
    assertEquals((long) images * plan.lanes(), next);
    assertTrue(largest - smallest <= votes);
  }

  @Test
  void aShardMayDieAndGoOn() throws IOException {
    SamplingPlan plan = new SamplingPlan(5, 30, 3);
    Run whole = run(plan, List.of(3, 8, 11), true);
    List<CertifiedImage> expected = whole.run(null, 16);
    Run split = run(plan, List.of(3, 8, 11), true);
    for (int i = 1; i <= 4; i++) {
      Shard shard = new Shard(i, 4);
      int dead = 0;
      for (int batch = 0; batch < 3; batch++) {
        HashClassifier dying = new HashClassifier(4, batch);
        try {
          split.run(shard, dying);
        } catch (HashClassifier.Crash e) {
          dead++;
        }
      }
      assertTrue(dead > 0);
      split.run(shard, 7);
      assertEquals(0, resumedBatches(split, shard), "a finished shard has nothing left to do");
    }
    assertEquals(withoutTime(expected), withoutTime(split.merge(4)));
    tidyUp();
  }

  private static int resumedBatches(Run run, Shard shard) {
    HashClassifier again = new HashClassifier(4);
    run.run(shard, again);
    return again.batches.size();
  }

  @Test
  void wrongSetsOfShardsAreRefused() throws IOException {
    SamplingPlan plan = new SamplingPlan(2, 10, 1);
    Run run = new Run(temp, plan, List.of(3, 8, 11), CERTIFIER, true);
    for (int i = 1; i <= 3; i++) {
      run.run(new Shard(i, 3), 8);
    }
    List<Path> all = run.journals(3);
    Path one = run.journal(new Shard(1, 3));
    Path two = run.journal(new Shard(2, 3));
    Path three = run.journal(new Shard(3, 3));
    assertRefused("of 3 shards 1 is missing: shard 2 (image 8 from copy 0", one, three);
    assertRefused("of 3 shards 2 are missing", two);
    Path copy = Files.copy(two, temp.resolve("copy.run.jsonl"));
    assertRefused("is shard 2/3, as is", one, two, copy, three);
    assertRefused("no such file", one, two, temp.resolve("absent"));
    run.run(null, 8);
    assertRefused("the journal of a whole run", one, run.journal(null));
    assertEquals(3, all.size());

    Run other = new Run(temp.resolve("other"), plan, List.of(3, 8, 12), CERTIFIER, true);
    other.run(new Shard(2, 3), 8);
    assertRefused("images = [3, 8, 11], but", two(other.journal(new Shard(2, 3)), one, three));
    Run quarter = new Run(temp.resolve("quarter"), plan, List.of(3, 8, 11), CERTIFIER, true);
    quarter.run(new Shard(2, 4), 8);
    assertRefused("shards = 3, but", two(quarter.journal(new Shard(2, 4)), one, three));
    Run exhaustive = new Run(temp.resolve("ex"), plan, List.of(3, 8, 11), CERTIFIER, false);
    exhaustive.run(new Shard(2, 3), 8);
    assertRefused("voting = \"early\", but", two(exhaustive.journal(new Shard(2, 3)), one, three));
  }

  private static Path[] two(Path first, Path... others) {
    List<Path> all = new ArrayList<>(List.of(first));
    all.addAll(List.of(others));
    return all.toArray(Path[]::new);
  }

  @Test
  void ofManyMissingShardsFiveAreNamed() {
    List<Integer> images = IntStream.range(0, 8).boxed().toList();
    Run run = new Run(temp, new SamplingPlan(2, 10, 1), images, CERTIFIER, true);
    run.run(new Shard(4, 8), 8);
    InputException e =
        assertThrows(
            InputException.class,
            () -> ShardMerge.open(List.of(run.journal(new Shard(4, 8)))).close());
    assertTrue(e.getMessage().startsWith("of 8 shards 7 are missing: shard 1 ("), e.getMessage());
    assertTrue(e.getMessage().contains("shard 6 ("), e.getMessage());
    assertTrue(e.getMessage().endsWith(", …"), e.getMessage());
    assertEquals(5, e.getMessage().split("shard \\d+ \\(", -1).length - 1, e.getMessage());
  }

  @Test
  void unfinishedShardsAreRefusedWithTheCommandThatGoesOn() {
    Run run = new Run(temp, new SamplingPlan(2, 40, 1), List.of(3, 8, 11), CERTIFIER, true);
    run.run(new Shard(1, 2), 8);
    assertThrows(
        HashClassifier.Crash.class, () -> run.run(new Shard(2, 2), new HashClassifier(8, 4)));
    assertRefused(
        "shard 2/2 is not finished: 1 of 2 images, ",
        run.journal(new Shard(1, 2)),
        run.journal(new Shard(2, 2)));
    assertRefused(
        "go on with: densepure certify",
        run.journal(new Shard(1, 2)),
        run.journal(new Shard(2, 2)));
  }

  /** A damaged picture is left out of the run when every shard that has a part of it says so. */
  @Test
  void imagesThatCouldNotBeReadAreLeftOutIfAllAgree() {
    Run run = new Run(temp, new SamplingPlan(2, 10, 1), List.of(3, 8, 11), CERTIFIER, true);
    Shard first = new Shard(1, 2); // has image 3, and one half of image 8
    Shard second = new Shard(2, 2);
    run.run(first, new HashClassifier(8), 8);
    run.run(second, new HashClassifier(8), 8);
    List<CertifiedImage> merged = run.merge(2);
    assertEquals(List.of(3, 11), merged.stream().map(CertifiedImage::index).toList());
    run.run(first, 8); // can read it now
    assertRefused(
        "image 8 could not be read there, but",
        run.journal(new Shard(1, 2)),
        run.journal(new Shard(2, 2)));
  }

  private static void assertRefused(String reason, Path... files) {
    InputException e =
        assertThrows(InputException.class, () -> ShardMerge.open(List.of(files)).close());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  @Test
  void badShardsAreRefused() {
    for (String text : List.of("", "2", "0/8", "9/8", "2/0", "-1/8", "2/8/3", "a/b", "1/100001")) {
      assertThrows(InputException.class, () -> Shard.parse(text), text);
    }
    assertEquals(new Shard(2, 8), Shard.parse("2/8"));
    InputException e =
        assertThrows(
            InputException.class,
            () -> new Workload(List.of(1), new SamplingPlan(1, 1, 9), new Shard(1, 3)));
    assertTrue(e.getMessage().contains("too many"), e.getMessage());
  }
}
