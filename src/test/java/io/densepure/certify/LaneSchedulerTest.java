package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.DeviceException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LaneSchedulerTest {
  private static final SamplingPlan PLAN = new SamplingPlan(3, 8, 4); // 44 lanes an image
  private static final List<Integer> IMAGES = List.of(0, 20, 40, 60, 80);

  /** Collects what a run says. */
  private static class Recorder implements LaneScheduler.Listener {
    final List<Integer> order = new ArrayList<>();
    final Map<Integer, List<Integer>> labels = new HashMap<>();
    final List<LaneScheduler.Progress> progress = new ArrayList<>();
    double batchSeconds;
    double imageSeconds;

    @Override
    public void lanesDone(List<Lane> lanes, int[] labels, double seconds) {
      batchSeconds += seconds;
    }

    @Override
    public void imageDone(VoteBoard board) {
      order.add(board.image());
      labels.put(board.image(), all(board));
      imageSeconds += board.seconds();
    }

    @Override
    public void progress(LaneScheduler.Progress step) {
      progress.add(step);
    }
  }

  private static List<Integer> all(VoteBoard board) {
    List<Integer> labels = new ArrayList<>();
    for (int position = 0; position < board.plan().lanes(); position++) {
      labels.add(board.label(position));
    }
    return labels;
  }

  private static VoteBoard empty(int image) {
    return new VoteBoard(image, PLAN, HashClassifier.CLASSES);
  }

  private static Recorder run(List<Integer> images, HashClassifier... devices) {
    Recorder recorder = new Recorder();
    LaneScheduler scheduler = new LaneScheduler(List.of(devices), VotePolicy.EXHAUSTIVE);
    assertTrue(scheduler.run(images, LaneSchedulerTest::empty, recorder));
    return recorder;
  }

  private static Map<Integer, List<Integer>> expected(List<Integer> images) {
    Map<Integer, List<Integer>> labels = new HashMap<>();
    for (int image : images) {
      List<Integer> own = new ArrayList<>();
      for (int position = 0; position < PLAN.lanes(); position++) {
        own.add(HashClassifier.label(PLAN.lane(image, position)));
      }
      labels.put(image, own);
    }
    return labels;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 16, 43, 44, 45, 100, 220, 1000})
  void resultsDoNotDependOnTheBatchSize(int batchSize) {
    HashClassifier device = new HashClassifier(batchSize);
    Recorder recorder = run(IMAGES, device);
    assertEquals(expected(IMAGES), recorder.labels);
    assertEquals(IMAGES, recorder.order);
    // Every batch but the last is full, so no slot is wasted between samples, votes or images.
    int lanes = PLAN.lanes() * IMAGES.size();
    assertEquals((lanes + batchSize - 1) / batchSize, device.batches.size());
    Set<Lane> seen = new HashSet<>();
    device.batches.forEach(seen::addAll);
    assertEquals(lanes, seen.size());
  }

  @Test
  void resultsDoNotDependOnTheOrderOfImages() {
    List<Integer> shuffled = new ArrayList<>(IMAGES);
    Collections.shuffle(shuffled, new Random(3));
    Recorder recorder = run(shuffled, new HashClassifier(10));
    assertEquals(expected(IMAGES), recorder.labels);
    assertEquals(shuffled, recorder.order);
  }

  @Test
  void imagesWithoutABoardAreLeftOut() {
    Recorder recorder = new Recorder();
    LaneScheduler scheduler =
        new LaneScheduler(List.of(new HashClassifier(50)), VotePolicy.EXHAUSTIVE);
    boolean done =
        scheduler.run(IMAGES, image -> image == 20 || image == 80 ? null : empty(image), recorder);
    assertTrue(done);
    assertEquals(List.of(0, 40, 60), recorder.order);
    assertEquals(expected(recorder.order), recorder.labels);
    LaneScheduler.Progress last = recorder.progress.get(recorder.progress.size() - 1);
    assertEquals(3, last.imagesTotal());
    assertEquals(last.lanesTotal(), last.lanesDone());
  }

  @Test
  void severalDevicesShareTheQueueAndKeepTheOrder() {
    for (int round = 0; round < 20; round++) {
      Recorder recorder =
          run(IMAGES, new HashClassifier(7), new HashClassifier(3), new HashClassifier(16));
      assertEquals(expected(IMAGES), recorder.labels);
      assertEquals(IMAGES, recorder.order);
    }
  }

  @Test
  void imageIsHandedOverAsSoonAsItsLanesAreIn() {
    HashClassifier device = new HashClassifier(44);
    List<Integer> batchesAtHandOver = new ArrayList<>();
    new LaneScheduler(List.of(device), VotePolicy.EXHAUSTIVE)
        .run(
            IMAGES,
            LaneSchedulerTest::empty,
            board -> batchesAtHandOver.add(device.batches.size()));
    assertEquals(List.of(1, 2, 3, 4, 5), batchesAtHandOver);
  }

  @Test
  void repeatedImagesAreRunOnce() {
    assertEquals(List.of(4, 2), run(List.of(4, 2, 4, 4, 2), new HashClassifier(5)).order);
  }

  @Test
  void nothingToDo() {
    assertEquals(List.of(), run(List.of(), new HashClassifier(5)).order);
  }

  @Test
  void knownLanesAreNotRunAgain() {
    HashClassifier device = new HashClassifier(8);
    Recorder recorder = new Recorder();
    new LaneScheduler(List.of(device), VotePolicy.EXHAUSTIVE)
        .run(IMAGES, LaneSchedulerTest::partial, recorder);
    assertEquals(expected(IMAGES), recorder.labels);
    assertEquals(IMAGES, recorder.order);
    int run = device.batches.stream().mapToInt(List::size).sum();
    assertEquals(4 * PLAN.lanes() - (0 + 20 + 40 + 60) / 2, run); // image 80 was complete
    assertEquals(220, recorder.progress.get(recorder.progress.size() - 1).lanesDone());
  }

  /** The first image/2 lanes are known; of image 80 all. */
  private static VoteBoard partial(int image) {
    VoteBoard board = empty(image);
    int known = image == 80 ? PLAN.lanes() : image / 2;
    for (int position = 0; position < known; position++) {
      board.set(position, HashClassifier.label(PLAN.lane(image, position)));
    }
    return board;
  }

  @Test
  void progressGrowsToTheTotal() {
    Recorder recorder = run(IMAGES, new HashClassifier(50));
    assertEquals(
        List.of(
            new LaneScheduler.Progress(50, 220, 1, 5),
            new LaneScheduler.Progress(100, 220, 2, 5),
            new LaneScheduler.Progress(150, 220, 3, 5),
            new LaneScheduler.Progress(200, 220, 4, 5),
            new LaneScheduler.Progress(220, 220, 5, 5)),
        recorder.progress);
    assertEquals(recorder.batchSeconds, recorder.imageSeconds, 1e-9);
  }

  @Test
  void stopEndsAfterTheBatchInProgress() {
    HashClassifier device = new HashClassifier(10);
    LaneScheduler scheduler = new LaneScheduler(List.of(device), VotePolicy.EXHAUSTIVE);
    List<Integer> order = new ArrayList<>();
    boolean complete =
        scheduler.run(
            IMAGES,
            LaneSchedulerTest::empty,
            board -> {
              order.add(board.image());
              scheduler.stop();
            });
    assertFalse(complete);
    assertEquals(List.of(0), order);
    assertEquals(5, device.batches.size());
  }

  @Test
  void policyMayEndAnImageEarly() {
    VotePolicy firstSampleOnly =
        board ->
            new VotePolicy.Lanes() {
              private final Iterator<Lane> all = VotePolicy.EXHAUSTIVE.lanes(board);

              @Override
              public boolean hasNext() {
                return board.known() < 4 && all.hasNext();
              }

              @Override
              public Lane next() {
                return all.next();
              }
            };
    HashClassifier device = new HashClassifier(2);
    Recorder recorder = new Recorder();
    assertTrue(
        new LaneScheduler(List.of(device), firstSampleOnly)
            .run(IMAGES, LaneSchedulerTest::empty, recorder));
    assertEquals(IMAGES, recorder.order);
    assertEquals(2 * IMAGES.size(), device.batches.size());
    assertEquals(220, recorder.progress.get(recorder.progress.size() - 1).lanesDone());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void failureOfADeviceIsPassedOn(int devices) {
    List<LaneClassifier> all = new ArrayList<>();
    for (int i = 0; i < devices; i++) {
      all.add(new HashClassifier(5, 4));
    }
    LaneScheduler scheduler = new LaneScheduler(all, VotePolicy.EXHAUSTIVE);
    assertThrows(
        HashClassifier.Crash.class,
        () -> scheduler.run(IMAGES, LaneSchedulerTest::empty, new Recorder()));
  }

  /** Labels its lanes in parts of 3, the last part first; fails in one of its batches after one. */
  private static class InParts implements LaneClassifier {
    final List<List<Lane>> parts = Collections.synchronizedList(new ArrayList<>());
    private final int failAtBatch;
    private int batches;

    InParts(int failAtBatch) {
      this.failAtBatch = failAtBatch;
    }

    @Override
    public int batchSize() {
      return 10;
    }

    @Override
    public int classes() {
      return HashClassifier.CLASSES;
    }

    @Override
    public void classify(List<Lane> lanes, LabelSink sink) {
      batches++;
      for (int to = lanes.size(); to > 0; to -= 3) {
        List<Lane> part = lanes.subList(Math.max(0, to - 3), to);
        parts.add(List.copyOf(part));
        sink.put(part, part.stream().mapToInt(HashClassifier::label).toArray(), 0.5);
        if (batches == failAtBatch) {
          throw new DeviceException("lost");
        }
      }
    }

    @Override
    public void close() {}
  }

  @Test
  void labelsMayComeInParts() {
    InParts device = new InParts(0);
    Recorder recorder = new Recorder();
    assertTrue(
        new LaneScheduler(List.of(device), VotePolicy.EXHAUSTIVE)
            .run(IMAGES, LaneSchedulerTest::empty, recorder));
    assertEquals(expected(IMAGES), recorder.labels);
    assertEquals(IMAGES, recorder.order);
    assertEquals(4 * PLAN.lanes() * IMAGES.size() / 10, device.parts.size()); // 3 + 3 + 3 + 1
    assertEquals(0.5 * device.parts.size(), recorder.batchSeconds, 1e-9);
    assertEquals(device.parts.size(), recorder.progress.size());
  }

  /** Of a batch that fails, only what has no label is run again. */
  @Test
  void partsThatCameBeforeAFailureStay() {
    InParts failing = new InParts(1);
    CountDownLatch failed = new CountDownLatch(1);
    InParts other =
        new InParts(0) {
          @Override
          public void classify(List<Lane> lanes, LabelSink sink) {
            await(failed);
            super.classify(lanes, sink);
          }
        };
    Recorder recorder =
        new Recorder() {
          @Override
          public void deviceLost(LaneClassifier device, DeviceException why) {
            failed.countDown();
          }
        };
    assertTrue(
        new LaneScheduler(List.of(failing, other), VotePolicy.EXHAUSTIVE)
            .run(IMAGES, LaneSchedulerTest::empty, recorder));
    assertEquals(expected(IMAGES), recorder.labels);
    List<Lane> all = new ArrayList<>();
    failing.parts.forEach(all::addAll);
    other.parts.forEach(all::addAll);
    assertEquals(PLAN.lanes() * IMAGES.size(), all.size());
    assertEquals(all.size(), new HashSet<>(all).size(), "none twice");
  }

  @Test
  void lanesWithoutALabelAreTheDevicesFailure() {
    InParts forgetful =
        new InParts(0) {
          @Override
          public void classify(List<Lane> lanes, LabelSink sink) {
            super.classify(lanes.subList(1, lanes.size()), sink);
          }
        };
    LaneScheduler scheduler = new LaneScheduler(List.of(forgetful), VotePolicy.EXHAUSTIVE);
    assertThrows(
        DeviceException.class,
        () -> scheduler.run(IMAGES, LaneSchedulerTest::empty, new Recorder()));
  }

  private static LaneClassifier device(int batchSize, Function<List<Lane>, int[]> classify) {
    return new BatchClassifier() {
      @Override
      public int batchSize() {
        return batchSize;
      }

      @Override
      public int classes() {
        return HashClassifier.CLASSES;
      }

      @Override
      public int[] classify(List<Lane> lanes) {
        return classify.apply(lanes);
      }

      @Override
      public void close() {}
    };
  }

  /** A device that is lost at its batch {@code failAtBatch}, as a GPU may be. */
  private static LaneClassifier losing(int batchSize, int failAtBatch) {
    HashClassifier device = new HashClassifier(batchSize, failAtBatch);
    return device(
        batchSize,
        lanes -> {
          try {
            return device.classify(lanes);
          } catch (HashClassifier.Crash e) {
            throw new DeviceException("lost");
          }
        });
  }

  /** {@code device}, which has no labels to give before {@code event}. */
  private static LaneClassifier after(CountDownLatch event, BatchClassifier device) {
    return device(
        device.batchSize(),
        lanes -> {
          await(event);
          return device.classify(lanes);
        });
  }

  private static void await(CountDownLatch event) {
    try {
      assertTrue(event.await(10, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void othersFinishWhatALostDeviceLeaves(int failAtBatch) {
    LaneClassifier lost = losing(16, failAtBatch);
    List<LaneClassifier> heard = new ArrayList<>();
    CountDownLatch isLost = new CountDownLatch(1);
    Recorder recorder =
        new Recorder() {
          @Override
          public void deviceLost(LaneClassifier device, DeviceException why) {
            heard.add(device);
            isLost.countDown();
          }
        };
    LaneScheduler scheduler =
        new LaneScheduler(
            List.of(lost, after(isLost, new HashClassifier(1))), VotePolicy.EXHAUSTIVE);
    assertTrue(scheduler.run(IMAGES, LaneSchedulerTest::empty, recorder));
    assertEquals(expected(IMAGES), recorder.labels);
    assertEquals(IMAGES, recorder.order);
    assertEquals(List.of(lost), heard);
  }

  /** The other device has run out of lanes, and its thread has ended, when this one is lost. */
  @Test
  void theLastLanesOfALostDeviceAreNotForgotten() {
    CountDownLatch lateHasItsLanes = new CountDownLatch(1);
    CompletableFuture<Thread> healthyThread = new CompletableFuture<>();
    // Room for all lanes but five, whichever of the two is asked first.
    HashClassifier healthy = new HashClassifier(PLAN.lanes() * IMAGES.size() - 5);
    LaneClassifier waiting =
        device(
            healthy.batchSize(),
            lanes -> {
              await(lateHasItsLanes);
              healthyThread.complete(Thread.currentThread());
              return healthy.classify(lanes);
            });
    LaneClassifier late =
        device(
            5,
            lanes -> {
              lateHasItsLanes.countDown();
              awaitEnd(healthyThread.join());
              throw new DeviceException("lost");
            });
    Recorder recorder = new Recorder();
    LaneScheduler scheduler = new LaneScheduler(List.of(late, waiting), VotePolicy.EXHAUSTIVE);
    assertTrue(scheduler.run(IMAGES, LaneSchedulerTest::empty, recorder));
    assertEquals(expected(IMAGES), recorder.labels);
    assertEquals(List.of(215, 5), healthy.batches.stream().map(List::size).toList());
  }

  private static void awaitEnd(Thread thread) {
    try {
      thread.join(10_000);
      assertFalse(thread.isAlive());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void theLossOfTheLastDeviceIsPassedOn() {
    LaneScheduler scheduler =
        new LaneScheduler(List.of(losing(3, 2), losing(5, 1)), VotePolicy.EXHAUSTIVE);
    assertThrows(
        DeviceException.class,
        () -> scheduler.run(IMAGES, LaneSchedulerTest::empty, new Recorder()));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, HashClassifier.CLASSES})
  void refusesLabelsOutOfRange(int label) {
    LaneClassifier broken = device(1, lanes -> new int[] {label});
    LaneScheduler scheduler = new LaneScheduler(List.of(broken), VotePolicy.EXHAUSTIVE);
    assertThrows(
        DeviceException.class,
        () -> scheduler.run(IMAGES, LaneSchedulerTest::empty, new Recorder()));
  }
}
