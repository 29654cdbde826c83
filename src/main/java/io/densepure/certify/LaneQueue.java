package io.densepure.certify;

import io.densepure.DeviceException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * The lanes of a run: fills batches to the brim across samples, votes and images, and closes an
 * image when its last lane is in. Any number of workers may take and put.
 */
final class LaneQueue {
  private final Iterator<Integer> waiting;
  private int imagesTotal;
  private final IntFunction<VoteBoard> boards;
  private final VotePolicy policy;
  private final LaneScheduler.Listener listener;
  private final Deque<Lane> givenBack = new ArrayDeque<>();
  private final Deque<OpenImage> open = new ArrayDeque<>(); // in the order of the run
  private final Map<Integer, OpenImage> openById = new HashMap<>();
  private int imagesDone;
  private long lanesDone;
  private int imagesOpened;
  private long lanesOpened;
  private long lanesPerImage;

  /** An image that has begun and not ended. */
  private static final class OpenImage {
    final VoteBoard board;
    final VotePolicy.Lanes lanes;
    int inFlight;

    OpenImage(VoteBoard board, VotePolicy policy) {
      this.board = board;
      this.lanes = policy.lanes(board);
    }

    boolean isDone() {
      return inFlight == 0 && !lanes.hasNext();
    }
  }

  LaneQueue(
      List<Integer> images,
      IntFunction<VoteBoard> boards,
      VotePolicy policy,
      LaneScheduler.Listener listener) {
    this.waiting = images.iterator();
    this.imagesTotal = images.size();
    this.boards = boards;
    this.policy = policy;
    this.listener = listener;
  }

  /** The next lanes to run: {@code max} of them while there are that many, none at the end. */
  synchronized List<Lane> take(int max) {
    List<Lane> batch = new ArrayList<>(max);
    while (batch.size() < max && !givenBack.isEmpty()) {
      batch.add(givenBack.remove());
    }
    for (OpenImage image : open) {
      fillUrgent(batch, image, max);
    }
    while (batch.size() < max && waiting.hasNext()) {
      VoteBoard board = boards.apply(waiting.next());
      if (board == null) {
        imagesTotal--;
      } else {
        fillUrgent(batch, open(board), max);
      }
    }
    for (OpenImage image : open) {
      fill(batch, image, max);
    }
    closeDone();
    return batch;
  }

  /** Takes lanes back from a device that failed; they stay in flight until another one has them. */
  synchronized void giveBack(List<Lane> batch, LaneClassifier device, DeviceException why) {
    givenBack.addAll(batch);
    listener.deviceLost(device, why);
  }

  /** Whether every image is done. */
  synchronized boolean isDone() {
    return imagesDone == imagesTotal;
  }

  /** Enters the labels of a batch that took {@code seconds}. */
  synchronized void put(List<Lane> batch, int[] labels, double seconds) {
    double share = seconds / batch.size();
    for (int slot = 0; slot < labels.length; slot++) {
      Lane lane = batch.get(slot);
      OpenImage image = openById.get(lane.image());
      image.board.set(image.board.plan().position(lane), labels[slot]);
      image.board.addSeconds(share);
      image.inFlight--;
    }
    lanesDone += labels.length;
    listener.lanesDone(batch, labels, seconds);
    closeDone();
    listener.progress(progress());
  }

  private static void fillUrgent(List<Lane> batch, OpenImage image, int max) {
    while (batch.size() < max && image.lanes.hasNext() && image.lanes.isUrgent()) {
      add(batch, image);
    }
  }

  /** What is not urgent costs nothing in a slot that would stay empty. */
  private static void fill(List<Lane> batch, OpenImage image, int max) {
    while (batch.size() < max && image.lanes.hasNext()) {
      add(batch, image);
    }
  }

  private static void add(List<Lane> batch, OpenImage image) {
    batch.add(image.lanes.next());
    image.inFlight++;
  }

  private OpenImage open(VoteBoard board) {
    OpenImage image = new OpenImage(board, policy);
    open.addLast(image);
    openById.put(board.image(), image);
    lanesDone += board.known();
    lanesPerImage = board.plan().lanes();
    imagesOpened++;
    lanesOpened += policy.lanesOf(board);
    return image;
  }

  /** An image that is done waits for the ones before it, so that results come in order. */
  private void closeDone() {
    while (!open.isEmpty() && open.getFirst().isDone()) {
      VoteBoard board = open.removeFirst().board;
      openById.remove(board.image());
      imagesDone++;
      lanesDone += policy.lanesOf(board) - board.known(); // what the policy left out
      listener.imageDone(board);
    }
  }

  private LaneScheduler.Progress progress() {
    long lanesTotal = lanesOpened + lanesPerImage * (imagesTotal - imagesOpened);
    return new LaneScheduler.Progress(lanesDone, lanesTotal, imagesDone, imagesTotal);
  }
}
