package io.densepure.cluster;

import io.densepure.DeviceException;
import io.densepure.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ObjIntConsumer;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Function1;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.concurrent.ExecutionContext;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction0;
import scala.runtime.AbstractFunction1;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;
import scala.util.Try;

/** Spark jobs of one task a unit, whose results are handed on as tasks finish. For any thread. */
final class SparkJob {
  /** From one job's end to the next one's beginning it takes less. */
  private static final int PAUSE_MILLIS = 100;

  private final JavaSparkContext spark;
  private final AtomicInteger running = new AtomicInteger();
  private volatile InputException complaint;

  SparkJob(JavaSparkContext spark) {
    this.spark = spark;
  }

  /** A finished task; or the end of the job, with the failure if it has failed. */
  private record Event(int unit, Object result, Throwable failure) {}

  /**
   * Runs a task for each unit.
   *
   * @param task what an executor does; its results are not null
   * @param results called on this thread with each result and its unit's number, in the order in
   *     which tasks finish; if it throws, the job is cancelled
   * @throws DeviceException if a task has failed too often, or Spark has stopped
   */
  <T> void run(
      List<LaneUnit> units, Function1<Iterator<LaneUnit>, T> task, ObjIntConsumer<T> results) {
    running.incrementAndGet();
    try {
      runAndWait(units, task, results);
    } finally {
      running.decrementAndGet();
    }
  }

  @SuppressWarnings("unchecked") // results come from the task
  private <T> void runAndWait(
      List<LaneUnit> units, Function1<Iterator<LaneUnit>, T> task, ObjIntConsumer<T> results) {
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    SimpleFutureAction<BoxedUnit> job = submit(units, task, events);
    boolean ended = false;
    try {
      for (int left = units.size(); left > 0; left--) {
        Event event = events.take();
        if (complaint != null) {
          throw complaint;
        }
        if (event.failure != null) {
          ProcessEnd.awaitIfNear();
          throw new DeviceException("Spark: " + Failures.reason(event.failure), event.failure);
        }
        results.accept((T) event.result, event.unit);
      }
      ended = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DeviceException("interrupted", e);
    } finally {
      if (!ended) {
        job.cancel();
      }
    }
  }

  /** Waits until the jobs under way have ended and no others have begun. */
  void awaitIdle() {
    try {
      do {
        Thread.sleep(PAUSE_MILLIS);
      } while (running.get() > 0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Ends all jobs, as the input is wrong: {@link #run} throws {@code why} wherever it is called.
   */
  void end(InputException why) {
    complaint = why;
    spark.sc().cancelAllJobs();
    throw why;
  }

  private <T> SimpleFutureAction<BoxedUnit> submit(
      List<LaneUnit> units, Function1<Iterator<LaneUnit>, T> task, BlockingQueue<Event> events) {
    List<Object> partitions = new ArrayList<>();
    for (int i = 0; i < units.size(); i++) {
      partitions.add(i);
    }
    Seq<Object> all = CollectionConverters.asScala(partitions).toSeq();
    SimpleFutureAction<BoxedUnit> job;
    try {
      job =
          spark
              .sc()
              .submitJob(
                  spark.parallelize(units, units.size()).rdd(),
                  task,
                  all,
                  new OnResult<T>(events),
                  new Nothing());
    } catch (IllegalStateException e) { // the context has stopped: the cluster has given us up
      ProcessEnd.awaitIfNear();
      throw new DeviceException("Spark has stopped: " + Failures.reason(e), e);
    }
    job.onComplete(new OnEnd(events), ExecutionContext.fromExecutor(Runnable::run));
    return job;
  }

  /** Called by Spark's scheduler, which must not be kept waiting. */
  private static final class OnResult<T> extends AbstractFunction2<Object, T, BoxedUnit> {
    private final BlockingQueue<Event> events;

    OnResult(BlockingQueue<Event> events) {
      this.events = events;
    }

    @Override
    public BoxedUnit apply(Object unit, T result) {
      events.add(new Event((Integer) unit, result, null));
      return BoxedUnit.UNIT;
    }
  }

  private static final class OnEnd extends AbstractFunction1<Try<BoxedUnit>, BoxedUnit> {
    private final BlockingQueue<Event> events;

    OnEnd(BlockingQueue<Event> events) {
      this.events = events;
    }

    @Override
    public BoxedUnit apply(Try<BoxedUnit> end) {
      if (end.isFailure()) {
        events.add(new Event(-1, null, end.failed().get()));
      }
      return BoxedUnit.UNIT;
    }
  }

  private static final class Nothing extends AbstractFunction0<BoxedUnit> {
    @Override
    public BoxedUnit apply() {
      return BoxedUnit.UNIT;
    }
  }
}
