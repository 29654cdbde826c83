package io.densepure.compute.cpu;

import io.densepure.compute.ArenaPlan;
import io.densepure.compute.Program;
import io.densepure.compute.cpu.Recording.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;

/**
 * A list of steps with their primitives, arguments and one block of memory, all made beforehand.
 */
public final class CpuProgram implements Program {
  /**
   * Where the time of a run went.
   *
   * @param kind the operation and the part of it
   * @param implementation oneDNN's name of the kernel, or {@code java}
   * @param calls how many such steps the program has
   * @param nanos time they took together
   */
  public record StepTime(String kind, String implementation, int calls, long nanos) {
    private StepTime plus(StepTime other) {
      return new StepTime(kind, implementation, calls + other.calls, nanos + other.nanos);
    }
  }

  private final CpuDevice device;
  private final Set<Storage> persistent = new LinkedHashSet<>();
  private final List<Step> steps;
  private final PointerScope natives;
  private final long arenaBytes;
  private final NativeMemory arena;
  private boolean open = true;

  /** Builds the steps; to be called on the device's thread. */
  CpuProgram(CpuDevice device, List<Node> nodes) {
    this.device = device;
    try (PointerScope scope = new PointerScope()) {
      StepBuilder builder = new StepBuilder(device.engine(), device.weights(), device.threads());
      nodes.forEach(builder::build);
      List<Storage> intermediates = intermediates(nodes, builder.scratches());
      ArenaPlan plan =
          ArenaPlan.of(
              intermediates.stream()
                  .map(s -> new ArenaPlan.Block(s.bytes(), s.firstStep(), s.lastStep()))
                  .toList());
      arenaBytes = plan.totalBytes();
      arena = new NativeMemory(arenaBytes);
      for (int i = 0; i < intermediates.size(); i++) {
        intermediates.get(i).place(arena.start().getPointer(plan.offsets().get(i)));
      }
      steps = List.copyOf(builder.steps());
      link();
      natives = scope.extend(); // until close()
    }
  }

  private void link() {
    try {
      steps.forEach(step -> step.link(device.engine()));
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /** All storage that needs a place in the arena; notes the persistent tensors on the way. */
  private List<Storage> intermediates(List<Node> nodes, List<Storage> scratches) {
    Set<Storage> all = new LinkedHashSet<>();
    for (Node node : nodes) {
      node.inputs().forEach(all::add);
      all.add(node.output().storage().resolved());
    }
    all.addAll(scratches);
    all.stream().filter(Storage::isPersistent).forEach(persistent::add);
    return all.stream().filter(s -> !s.isPersistent()).toList();
  }

  @Override
  public void run() {
    checkOpen();
    device.thread().run(() -> steps.forEach(step -> step.run(device.stream())));
  }

  /** Runs the program once, timing each step; the longest first. */
  public List<StepTime> profile() {
    checkOpen();
    Map<List<String>, StepTime> times = new LinkedHashMap<>();
    device
        .thread()
        .run(
            () -> {
              for (Step step : steps) {
                long start = System.nanoTime();
                step.run(device.stream());
                device.stream()._wait();
                StepTime time =
                    new StepTime(step.kind(), step.implementation(), 1, System.nanoTime() - start);
                times.merge(List.of(step.kind(), step.implementation()), time, StepTime::plus);
              }
            });
    List<StepTime> sorted = new ArrayList<>(times.values());
    sorted.sort(Comparator.comparingLong(StepTime::nanos).reversed());
    return sorted;
  }

  @Override
  public long arenaBytes() {
    return arenaBytes;
  }

  List<Step> steps() {
    return steps;
  }

  boolean uses(Storage storage) {
    return persistent.contains(storage);
  }

  private void checkOpen() {
    if (!open) {
      throw new IllegalStateException("this program is closed");
    }
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      natives.close();
      arena.close();
      device.forget(this);
    }
  }
}
