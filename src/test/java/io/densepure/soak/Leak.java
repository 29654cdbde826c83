package io.densepure.soak;

import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;

/** Leaks on purpose, once a round, to see that a soak run finds them. */
enum Leak {
  NONE {
    @Override
    void leak() {}
  },
  /** A megabyte of native memory: less than a batch of four takes. */
  MEMORY {
    @Override
    void leak() {
      Pointer.memset(Pointer.malloc(MEGABYTE), 1, MEGABYTE);
    }
  },
  /** Half a megabyte of the Java heap. */
  HEAP {
    @Override
    void leak() {
      KEPT.add(new byte[MEGABYTE / 2]);
    }
  },
  FILES {
    @Override
    void leak() throws IOException {
      KEPT.add(new FileInputStream("/dev/null"));
    }
  },
  THREADS {
    @Override
    void leak() {
      Thread thread = new Thread(Leak::sleep);
      thread.setDaemon(true);
      thread.start();
    }
  };

  private static final int MEGABYTE = 1 << 20;
  private static final List<Object> KEPT = new ArrayList<>();

  abstract void leak() throws IOException;

  private static void sleep() {
    try {
      Thread.sleep(Long.MAX_VALUE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
