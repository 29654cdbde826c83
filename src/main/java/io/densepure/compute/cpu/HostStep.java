package io.densepure.compute.cpu;

import java.util.function.Supplier;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.stream;

/** An operation in Java. */
final class HostStep implements Step {
  private final String kind;
  private final Supplier<Runnable> bind;
  private Runnable body;

  /**
   * @param bind looks up buffers and returns what to run; called once, when addresses are known
   */
  HostStep(String kind, Supplier<Runnable> bind) {
    this.kind = kind;
    this.bind = bind;
  }

  @Override
  public String kind() {
    return kind;
  }

  @Override
  public String implementation() {
    return "java";
  }

  @Override
  public void link(engine engine) {
    body = bind.get();
  }

  @Override
  public void run(stream stream) {
    body.run();
  }
}
