package io.densepure.compute.cpu;

import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.stream;

/** One thing a program does when it runs. */
interface Step {
  /** The operation this step belongs to, and its part in it: what a profile groups by. */
  String kind();

  /** Which code does it: oneDNN's name of the kernel, or {@code java}. */
  String implementation();

  /** Looks up the addresses, once, after the arena is placed. */
  void link(engine engine);

  void run(stream stream);
}
