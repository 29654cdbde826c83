package io.densepure.compute;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The control for every backend: plain Java, obvious and slow. Recording collects closures, running
 * calls them in order; every tensor has an array of its own.
 */
public final class ReferenceDevice implements Device {
  private final Set<Object> alive = Collections.newSetFromMap(new IdentityHashMap<>());
  private boolean open = true;

  @Override
  public String description() {
    return "reference: plain Java";
  }

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public boolean supports(DType dtype) {
    return dtype == DType.F32 || dtype == DType.F16 || dtype == DType.BF16;
  }

  @Override
  public Tensor allocate(DType dtype, Shape shape) {
    checkOpen();
    OpChecks.allocate(dtype, shape);
    ReferenceTensor t = new ReferenceTensor(dtype, shape, this);
    alive.add(t.storage());
    return t;
  }

  @Override
  public void free(Tensor persistent) {
    alive.remove(own(persistent).storage());
  }

  /** The tensor as a persistent one of this device that was not freed. */
  ReferenceTensor own(Tensor tensor) {
    checkOpen();
    if (tensor instanceof ReferenceTensor t && alive.contains(t.storage())) {
      return t;
    }
    throw new IllegalArgumentException("not a persistent tensor of this device");
  }

  private void checkOpen() {
    if (!open) {
      throw new IllegalStateException("this device is closed");
    }
  }

  @Override
  public void upload(Tensor persistent, float[] source) {
    ReferenceTensor t = own(persistent);
    checkTransfer(t, t.floats != null, source.length);
    for (int i = 0; i < source.length; i++) {
      t.set(i, source[i]);
    }
  }

  @Override
  public void upload(Tensor persistent, int[] source) {
    ReferenceTensor t = own(persistent);
    checkTransfer(t, t.ints != null, source.length);
    System.arraycopy(source, 0, t.ints, 0, source.length);
  }

  @Override
  public float[] downloadFloats(Tensor persistent) {
    ReferenceTensor t = own(persistent);
    checkTransfer(t, t.floats != null, (int) t.shape().elements());
    return t.floats.clone();
  }

  @Override
  public int[] downloadInts(Tensor persistent) {
    ReferenceTensor t = own(persistent);
    checkTransfer(t, t.ints != null, (int) t.shape().elements());
    return t.ints.clone();
  }

  private static void checkTransfer(Tensor t, boolean sameKind, int length) {
    if (!sameKind || length != t.shape().elements()) {
      throw new IllegalArgumentException(
          "transfer of " + length + " elements for " + t.dtype() + " " + t.shape());
    }
  }

  @Override
  public Program record(Consumer<Ops> body) {
    checkOpen();
    List<Runnable> steps = new ArrayList<>();
    body.accept(new ReferenceOps(this, steps));
    return new ReferenceProgram(steps);
  }

  private final class ReferenceProgram implements Program {
    private final List<Runnable> steps;
    private boolean closed;

    private ReferenceProgram(List<Runnable> steps) {
      this.steps = steps;
    }

    @Override
    public void run() {
      checkOpen();
      if (closed) {
        throw new IllegalStateException("this program is closed");
      }
      steps.forEach(Runnable::run);
    }

    @Override
    public long arenaBytes() {
      return 0;
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  @Override
  public void synchronize() {
    checkOpen();
  }

  @Override
  public void close() {
    open = false;
  }
}
