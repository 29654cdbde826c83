package io.densepure.cluster;

import io.densepure.DeviceException;
import io.densepure.certify.BatchClassifier;
import io.densepure.pipeline.RemoteLanes;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.apache.spark.SparkFiles;
import org.apache.spark.TaskContext;

/**
 * The networks of a run in an executor's process: weights are loaded once, and a device's programs
 * are kept from task to task.
 */
final class ExecutorLanes {
  private static ExecutorLanes current; // guarded by the class

  private final RunOrder order;
  private final RemoteLanes lanes;
  private final Map<String, Deque<BatchClassifier>> idle = new HashMap<>(); // guarded by this
  private final Map<String, Semaphore> gpus = new HashMap<>(); // guarded by this
  private boolean retired;

  private ExecutorLanes(RunOrder order) {
    this.order = order;
    this.lanes = RemoteLanes.load(order.recipe(), Path.of(SparkFiles.getRootDirectory()));
  }

  /**
   * Those of a run, loaded if they are not yet; another run's are let go of.
   *
   * @throws io.densepure.InputException if a file is missing on this machine, or is another one
   */
  static synchronized ExecutorLanes of(RunOrder order) {
    if (current == null || current.order.id() != order.id()) {
      if (current != null) {
        current.retire();
        current = null;
      }
      current = new ExecutorLanes(order);
    }
    return current;
  }

  int stepsPerLane() {
    return lanes.stepsPerLane();
  }

  /**
   * Does something with a device that is the task's alone meanwhile.
   *
   * @throws DeviceException if that fails; the device is then opened anew for the next task
   */
  <T> T use(TaskContext task, Function<BatchClassifier, T> work) {
    String backend = Place.backend(order.backend(), task);
    Semaphore turn = turn(backend);
    turn.acquireUninterruptibly();
    try {
      BatchClassifier classifier = take(backend);
      boolean fine = false;
      try {
        T result = work.apply(classifier);
        fine = true;
        return result;
      } catch (DeviceException e) {
        throw new DeviceException(Place.here() + ", " + backend + ": " + e.getMessage(), e);
      } finally {
        putBack(backend, classifier, fine);
      }
    } finally {
      turn.release();
    }
  }

  /** Tasks that share a GPU take turns on it; those on the CPU have a device each. */
  private synchronized Semaphore turn(String backend) {
    return backend.equals("cpu")
        ? new Semaphore(1)
        : gpus.computeIfAbsent(backend, name -> new Semaphore(1));
  }

  private BatchClassifier take(String backend) {
    synchronized (this) {
      Deque<BatchClassifier> waiting = idle.get(backend);
      if (waiting != null && !waiting.isEmpty()) {
        return waiting.pop();
      }
    }
    return lanes.open(backend);
  }

  private synchronized void putBack(String backend, BatchClassifier classifier, boolean fine) {
    if (fine && !retired) {
      idle.computeIfAbsent(backend, name -> new ArrayDeque<>()).push(classifier);
    } else {
      classifier.close();
    }
  }

  private synchronized void retire() {
    retired = true;
    idle.values().forEach(waiting -> waiting.forEach(BatchClassifier::close));
    idle.clear();
  }
}
