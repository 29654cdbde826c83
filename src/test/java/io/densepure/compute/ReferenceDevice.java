package io.densepure.compute;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The control for every backend: plain Java, obvious and slow. Recording collects closures, running
 * calls them in order; every tensor has an array of its own.
 */
public final class ReferenceDevice implements Device {
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
    OpChecks.allocate(dtype, shape);
    return new ReferenceTensor(dtype, shape);
  }

  @Override
  public void free(Tensor persistent) {
    ((ReferenceTensor) persistent).poison();
  }

  @Override
  public void upload(Tensor persistent, float[] source) {
    ReferenceTensor t = (ReferenceTensor) persistent;
    checkUpload(t, t.floats != null, source.length);
    for (int i = 0; i < source.length; i++) {
      t.set(i, source[i]);
    }
  }

  @Override
  public void upload(Tensor persistent, int[] source) {
    ReferenceTensor t = (ReferenceTensor) persistent;
    checkUpload(t, t.ints != null, source.length);
    System.arraycopy(source, 0, t.ints, 0, source.length);
  }

  private static void checkUpload(Tensor t, boolean sameKind, int length) {
    if (!sameKind || length != t.shape().elements()) {
      throw new IllegalArgumentException(
          "upload: " + length + " elements for " + t.dtype() + " " + t.shape());
    }
  }

  @Override
  public float[] downloadFloats(Tensor persistent) {
    return ((ReferenceTensor) persistent).floats.clone();
  }

  @Override
  public int[] downloadInts(Tensor persistent) {
    return ((ReferenceTensor) persistent).ints.clone();
  }

  @Override
  public Program record(Consumer<Ops> body) {
    List<Runnable> steps = new ArrayList<>();
    body.accept(new ReferenceOps(steps));
    return new Program() {
      @Override
      public void run() {
        steps.forEach(Runnable::run);
      }

      @Override
      public long arenaBytes() {
        return 0;
      }

      @Override
      public void close() {
        steps.clear();
      }
    };
  }

  @Override
  public void synchronize() {}

  @Override
  public void close() {}
}
