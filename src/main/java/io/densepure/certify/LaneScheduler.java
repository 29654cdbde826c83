package io.densepure.certify;

import io.densepure.DeviceException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

/**
 * Runs the lanes of many images on one or more devices, every batch filled to the brim across
 * samples, votes and images. A lane's label is a function of the lane alone, so what comes out does
 * not depend on the batch size, the number of devices or where an interrupted run was taken up.
 */
public final class LaneScheduler {
  /** Hears how a run goes. Called by one thread at a time. */
  public interface Listener {
    /** A batch has been classified: the labels of {@code lanes}, in order, and its time. */
    default void lanesDone(List<Lane> lanes, int[] labels, double seconds) {}

    /** An image has all the labels it needs. Images come in the order of the run. */
    void imageDone(VoteBoard board);

    /** A device has failed; others go on with its lanes. */
    default void deviceLost(LaneClassifier device, DeviceException why) {}

    /** Called after every batch. */
    default void progress(Progress progress) {}
  }

  /**
   * How far a run is; lanes known from an earlier run count once their image has begun.
   *
   * @param lanesDone lanes that need no more work
   * @param lanesTotal lanes of all images
   * @param imagesDone images handed to {@link Listener#imageDone}
   * @param imagesTotal images of the run
   */
  public record Progress(long lanesDone, long lanesTotal, int imagesDone, int imagesTotal) {}

  private final List<? extends LaneClassifier> devices;
  private final VotePolicy policy;
  private volatile boolean stopping;

  /**
   * @param devices one classifier per device, all giving the same labels; each is used by one
   *     thread
   */
  public LaneScheduler(List<? extends LaneClassifier> devices, VotePolicy policy) {
    if (devices.isEmpty()) {
      throw new IllegalArgumentException("no device");
    }
    this.devices = List.copyOf(devices);
    this.policy = policy;
  }

  /**
   * Runs until every image is done or {@link #stop} is called.
   *
   * @param images indices in the data set, in the order of the results; repeats are left out
   * @param boards gives the board of an image when its turn comes: empty, or with the labels that
   *     an earlier run left; null leaves the image out
   * @return whether every image is done
   * @throws DeviceException if the last working device fails; labels put before that have been
   *     heard
   */
  public boolean run(List<Integer> images, IntFunction<VoteBoard> boards, Listener listener) {
    List<Integer> distinct = List.copyOf(new LinkedHashSet<>(images));
    LaneQueue queue = new LaneQueue(distinct, boards, policy, listener);
    List<LaneClassifier> working = new ArrayList<>(devices);
    while (!stopping && !queue.isDone()) {
      if (working.size() == 1) {
        work(queue, working.get(0), () -> false);
      } else {
        // Once more if a device failed when the others had already run out of lanes.
        working.removeAll(workInParallel(queue, working));
      }
    }
    return queue.isDone();
  }

  /** Ends the run after the batches in progress; from any thread. */
  public void stop() {
    stopping = true;
  }

  /**
   * @param othersRemain asked when the device fails: whether others can have its lanes
   */
  private void work(LaneQueue queue, LaneClassifier device, BooleanSupplier othersRemain) {
    while (!stopping) {
      List<Lane> batch = queue.take(device.batchSize());
      if (batch.isEmpty()) {
        return;
      }
      List<List<Lane>> known = new ArrayList<>();
      try {
        device.classify(
            batch,
            (lanes, labels, seconds) -> {
              check(lanes, labels, device);
              queue.put(lanes, labels, seconds);
              known.add(lanes);
            });
        if (known.stream().mapToInt(List::size).sum() != batch.size()) {
          throw new DeviceException("the classifier has labelled only a part of its lanes");
        }
      } catch (DeviceException e) {
        if (!othersRemain.getAsBoolean()) {
          throw e;
        }
        queue.giveBack(without(known, batch), device, e);
        return;
      }
    }
  }

  /** Each device on a thread of its own; returns those that failed while others worked on. */
  private Set<LaneClassifier> workInParallel(LaneQueue queue, List<LaneClassifier> working) {
    Set<LaneClassifier> lost = ConcurrentHashMap.newKeySet();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    List<Thread> workers = new ArrayList<>();
    for (LaneClassifier device : working) {
      BooleanSupplier othersRemain = () -> lost.add(device) && lost.size() < working.size();
      Thread worker =
          new Thread(() -> work(queue, device, othersRemain), "device-" + workers.size());
      worker.setUncaughtExceptionHandler(
          (thread, thrown) -> {
            failure.compareAndSet(null, thrown);
            stop();
          });
      workers.add(worker);
      worker.start();
    }
    workers.forEach(this::join);
    rethrow(failure.get());
    return lost;
  }

  private void join(Thread worker) {
    boolean interrupted = false;
    while (worker.isAlive()) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        interrupted = true;
        stop();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void rethrow(Throwable failure) {
    if (failure instanceof RuntimeException exception) {
      throw exception;
    }
    if (failure instanceof Error error) {
      throw error;
    }
  }

  private static List<Lane> without(List<List<Lane>> known, List<Lane> batch) {
    Set<Lane> rest = new LinkedHashSet<>(batch);
    known.forEach(part -> part.forEach(rest::remove));
    return List.copyOf(rest);
  }

  private static void check(List<Lane> lanes, int[] labels, LaneClassifier device) {
    if (labels.length != lanes.size()) {
      throw new DeviceException(
          "the classifier gave " + labels.length + " labels for " + lanes.size() + " lanes");
    }
    for (int label : labels) {
      if (label != VoteBoard.NOT_FINITE && (label < 0 || label >= device.classes())) {
        throw new DeviceException(
            "the classifier gave label " + label + ", not in [0, " + device.classes() + ")");
      }
    }
  }
}
