package io.densepure.compute.cpu;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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
 */
final class DeviceThread implements AutoCloseable {
  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "densepure-cpu");
            thread.setDaemon(true);
            return thread;
          });

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

  @Override
  public void close() {
    executor.shutdown();
  }
}
