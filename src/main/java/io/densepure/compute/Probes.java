package io.densepure.compute;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Keeps intermediate results that a network shows through {@link Ops#probe}, on any device: each
 * one asked for is assigned to a persistent tensor of its own, so it can be read after a run.
 *
 * <pre>{@code
 * try (Probes probes = new Probes(device, name -> name.startsWith("middle_block"));
 *     Program forward = probes.record(ops -> ops.assign(y, unet.forward(ops, x, t, null, F32)))) {
 *   forward.run();
 *   float[] activations = device.downloadFloats(probes.kept().get("middle_block.0"));
 * }
 * }</pre>
 */
public final class Probes implements AutoCloseable {
  private final Device device;
  private final Predicate<String> wanted;
  private final Map<String, Tensor> kept = new LinkedHashMap<>();

  /**
   * @param wanted which names to keep
   */
  public Probes(Device device, Predicate<String> wanted) {
    this.device = device;
    this.wanted = wanted;
  }

  /** As {@link Device#record}, listening. Close the program before this. */
  public Program record(Consumer<Ops> body) {
    return device.record(ops -> body.accept(listening(ops)));
  }

  /** Persistent tensors by probed name, in the order in which they were shown. */
  public Map<String, Tensor> kept() {
    return Collections.unmodifiableMap(kept);
  }

  /** Frees the kept tensors. */
  @Override
  public void close() {
    kept.values().forEach(device::free);
    kept.clear();
  }

  /** {@code ops} itself but for {@code probe}, whatever operations {@link Ops} has. */
  private Ops listening(Ops ops) {
    InvocationHandler handler =
        (proxy, method, args) -> {
          if (method.getName().equals("probe")) {
            @SuppressWarnings("unchecked")
            Supplier<Tensor> value = (Supplier<Tensor>) args[1];
            keep(ops, (String) args[0], value);
            return null;
          }
          try {
            return method.invoke(ops, args);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return (Ops)
        Proxy.newProxyInstance(Ops.class.getClassLoader(), new Class<?>[] {Ops.class}, handler);
  }

  private void keep(Ops ops, String name, Supplier<Tensor> value) {
    if (!wanted.test(name)) {
      return;
    }
    Tensor shown = value.get();
    Tensor copy = device.allocate(shown.dtype(), shown.shape());
    if (kept.putIfAbsent(name, copy) != null) {
      device.free(copy);
      throw new IllegalArgumentException("probe: two results are named '" + name + "'");
    }
    ops.assign(copy, shown);
  }
}
