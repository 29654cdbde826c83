package io.densepure.compute.cpu;

import java.util.Deque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * The one thread on which a device calls oneDNN.
 *
 * <p>OpenMP keeps the number of threads per calling thread, and all libraries of a process share
 * one libgomp: when ND4J starts, it sets that number to the physical cores of one socket for
 * whoever happened to start it, which halves oneDNN's speed there on machines with hyper-threads or
 * two sockets. A thread of our own is out of its reach.
 *
 * <p>Threads do not end: a device that is opened later takes one that a closed device has left.
 * malloc and OpenMP keep memory for each thread, so that with new threads the memory of a process
 * that opens devices again and again would grow.
 */
final class DeviceThread implements AutoCloseable {
  private static final Map<Integer, Deque<ExecutorService>> IDLE = new ConcurrentHashMap<>();

  private final Deque<ExecutorService> idle;
  private final ExecutorService executor;
  private boolean open = true;

  /**
   * One that a closed device has left, or a new one.
   *
   * @param openMpThreads how many OpenMP is told to use there, always the same for a thread
   */
  DeviceThread(int openMpThreads) {
    idle = IDLE.computeIfAbsent(openMpThreads, n -> new ConcurrentLinkedDeque<>());
    ExecutorService left = idle.pollFirst();
    executor = left != null ? left : Executors.newSingleThreadExecutor(DeviceThread::start);
  }

  private static Thread start(Runnable work) {
    Thread thread = new Thread(work, "densepure-cpu");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Runs {@code task} there and waits, through interrupts too: it uses memory the caller may free.
   */
  <T> T call(Supplier<T> task) {
    try {
      return CompletableFuture.supplyAsync(task, executor).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException r) {
        throw r;
      }
      throw (Error) e.getCause();
    }
  }

  void run(Runnable task) {
    call(
        () -> {
          task.run();
          return null;
        });
  }

  /** Leaves the thread to the next device. */
  @Override
  public void close() {
    if (open) {
      open = false;
      idle.addFirst(executor);
    }
  }
}
