package io.densepure.certify;

import io.densepure.DeviceException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
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
   *     an earlier run left
   * @return whether every image is done
   * @throws DeviceException if a device fails; labels put before that have been heard
   */
  public boolean run(List<Integer> images, IntFunction<VoteBoard> boards, Listener listener) {
    List<Integer> distinct = List.copyOf(new LinkedHashSet<>(images));
    LaneQueue queue = new LaneQueue(distinct, boards, policy, listener);
    if (devices.size() == 1) {
      work(queue, devices.get(0));
    } else {
      workInParallel(queue);
    }
    return queue.isDone();
  }

  /** Ends the run after the batches in progress; from any thread. */
  public void stop() {
    stopping = true;
  }

  private void work(LaneQueue queue, LaneClassifier device) {
    while (!stopping) {
      List<Lane> batch = queue.take(device.batchSize());
      if (batch.isEmpty()) {
        return;
      }
      long start = System.nanoTime();
      int[] labels = device.classify(batch);
      double seconds = (System.nanoTime() - start) * 1e-9;
      check(labels, batch.size(), device.classes());
      queue.put(batch, labels, seconds);
    }
  }

  private void workInParallel(LaneQueue queue) {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    List<Thread> workers = new ArrayList<>();
    for (LaneClassifier device : devices) {
      Thread worker = new Thread(() -> work(queue, device), "device-" + workers.size());
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

  private static void check(int[] labels, int lanes, int classes) {
    if (labels.length != lanes) {
      throw new DeviceException(
          "the classifier gave " + labels.length + " labels for " + lanes + " lanes");
    }
    for (int label : labels) {
      if (label < 0 || label >= classes) {
        throw new DeviceException(
            "the classifier gave label " + label + ", not in [0, " + classes + ")");
      }
    }
  }
}
