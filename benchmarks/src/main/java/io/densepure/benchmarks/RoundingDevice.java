package io.densepure.benchmarks;

import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.Epilogue;
import io.densepure.compute.ForwardingDevice;
import io.densepure.compute.HostTensor;
import io.densepure.compute.KernelRounding;
import io.densepure.compute.Ops;
import io.densepure.compute.Program;
import io.densepure.compute.Tensor;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A device that computes as one with {@code bf16} would, where the processor has none: weights and
 * what operations give are rounded as if they were stored so, but kept and computed with in
 * float32. Only the rounding inside of an operation, as of attention's shares, is left out. For
 * questions about labels; times say nothing.
 */
final class RoundingDevice extends ForwardingDevice {
  /** Splits a float into its upper 8 significant bits, rounded to the nearest, and the rest. */
  private static final float SPLITTER = (1 << 16) + 1;

  private final Map<HostTensor, HostTensor> rounded;

  /**
   * @param rounded weights that were rounded already, by identity, for several devices to share
   */
  RoundingDevice(Device device, Map<HostTensor, HostTensor> rounded) {
    super(device);
    this.rounded = rounded;
  }

  @Override
  public boolean supports(DType dtype) {
    return dtype == DType.BF16 || super.supports(dtype);
  }

  @Override
  public Program record(Consumer<Ops> body) {
    return super.record(
        ops ->
            body.accept(
                (Ops)
                    Proxy.newProxyInstance(
                        Ops.class.getClassLoader(), new Class<?>[] {Ops.class}, new Rounded(ops))));
  }

  private HostTensor round(HostTensor weight) {
    synchronized (rounded) {
      return rounded.computeIfAbsent(
          weight, w -> HostTensor.of(w.name(), w.shape(), KernelRounding.round(w, DType.BF16)));
    }
  }

  /** Operations on tensors that would have been stored as {@code bf16} give other such ones. */
  private final class Rounded implements InvocationHandler {
    private static final Set<String> ROUND_WEIGHTS = Set.of("conv2d", "linear", "upsampledConv2d");
    private static final Set<String> EXACT = Set.of("assign", "argmax");

    private final Ops ops;
    private final Set<Object> halves = Collections.newSetFromMap(new IdentityHashMap<>());

    Rounded(Ops ops) {
      this.ops = ops;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      String name = method.getName();
      if (name.equals("cast")) {
        return cast((Tensor) arguments[0], (DType) arguments[1]);
      }
      boolean half = arguments[0] instanceof Tensor x && halves.contains(x);
      if (!half || EXACT.contains(name)) {
        return call(method, arguments);
      }
      Object[] own = arguments.clone();
      if (ROUND_WEIGHTS.contains(name)) {
        own[1] = round((HostTensor) own[1]);
      }
      boolean float32 =
          Arrays.stream(own).anyMatch(a -> a instanceof Epilogue e && e.out() != null);
      Tensor result = (Tensor) call(method, own);
      return float32 ? result : half(result);
    }

    private Tensor cast(Tensor x, DType dtype) {
      return dtype == DType.BF16 ? half(x) : ops.combine(1, x, 0, null, 0);
    }

    private Tensor half(Tensor x) {
      Tensor split = ops.combine(SPLITTER, x, 0, null, 0);
      Tensor rest = ops.combine(1, split, -1, x, 0);
      Tensor result = ops.combine(1, split, -1, rest, 0);
      halves.add(result);
      return result;
    }

    private Object call(Method method, Object[] arguments) throws Throwable {
      try {
        return method.invoke(ops, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }
  }
}
