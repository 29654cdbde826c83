package io.densepure.compute.cpu;

import io.densepure.compute.DType;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The operations of a program while it is being recorded, and the decisions about memory that need
 * to know all of them: which results are written straight into the persistent tensor they are
 * assigned to, and which take over the memory of an input that dies.
 */
final class Recording {
  /**
   * One operation.
   *
   * @param step its place in the recording: lifetimes count in these
   * @param kind the operation's name, for profiles and messages
   * @param overwritable the inputs whose memory the output may take over: each element of them is
   *     read for the last time before, or when, the same element of the output is written
   * @param others the other inputs
   * @param build makes the steps once memory decisions are taken
   */
  record Node(
      int step,
      String kind,
      List<CpuTensor> overwritable,
      List<CpuTensor> others,
      CpuTensor output,
      Consumer<StepBuilder> build) {
    Stream<Storage> inputs() {
      return Stream.concat(overwritable.stream(), others.stream()).map(t -> t.storage().resolved());
    }

    boolean reads(Storage storage) {
      return inputs().anyMatch(s -> s == storage);
    }

    boolean writes(Storage storage) {
      return output.storage().resolved() == storage;
    }

    /** Whether the output can be written where this input lies. */
    boolean canOverwrite(Storage input) {
      return others.stream().noneMatch(t -> t.storage().resolved() == input);
    }
  }

  private final CpuDevice device;
  private final List<Node> nodes = new ArrayList<>();

  Recording(CpuDevice device) {
    this.device = device;
  }

  /** The tensor of this backend behind {@code tensor}, or null for null. */
  CpuTensor own(Tensor tensor) {
    if (tensor == null) {
      return null;
    }
    if (tensor instanceof CpuTensor own && (own.owner() == this || own.owner() == device)) {
      if (own.owner() == device) {
        device.checkAlive(own);
      }
      return own;
    }
    throw new IllegalArgumentException(
        "a tensor " + tensor.dtype() + " " + tensor.shape() + " of another device or program");
  }

  /** As {@link #own}, and persistent. */
  CpuTensor ownPersistent(Tensor tensor) {
    CpuTensor own = own(tensor);
    if (own.owner() != device) {
      throw new IllegalArgumentException("assign: not a persistent tensor");
    }
    return own;
  }

  /** A tensor for a result. */
  CpuTensor result(DType dtype, Shape shape) {
    device.checkSupports(dtype);
    Storage storage = Storage.intermediate(shape.elements() * dtype.bytes());
    return new CpuTensor(dtype, shape, storage, this);
  }

  /** Adds an operation and returns its output. */
  CpuTensor add(
      String kind,
      CpuTensor output,
      List<CpuTensor> overwritable,
      List<CpuTensor> others,
      Consumer<StepBuilder> build) {
    nodes.add(new Node(nodes.size(), kind, overwritable, others, output, build));
    return output;
  }

  /** Those of the tensors that are not null. */
  static List<CpuTensor> inputs(CpuTensor... tensors) {
    return Stream.of(tensors).filter(Objects::nonNull).toList();
  }

  /** Takes the memory decisions and returns what is left to do. */
  List<Node> finish() {
    computeLifetimes();
    for (Node node : nodes) {
      if (isAssignment(node) && canProduceInPlace(node)) {
        node.overwritable.get(0).storage().resolved().takeOver(node.output.storage());
      }
    }
    nodes.forEach(this::overwriteDyingInput);
    return nodes.stream().filter(n -> !(isAssignment(n) && n.reads(n.output.storage()))).toList();
  }

  private void computeLifetimes() {
    for (Node node : nodes) {
      node.inputs().forEach(s -> s.usedAt(node.step));
      node.output.storage().usedAt(node.step);
    }
  }

  private boolean isAssignment(Node node) {
    return node.output.owner() == device;
  }

  /**
   * Whether the value of an assignment can be computed right where it is assigned to: from its
   * production until the assignment nobody else may look at or change that tensor, and afterwards
   * nobody may change it while the value is still read.
   */
  private boolean canProduceInPlace(Node assignment) {
    Storage target = assignment.output.storage();
    Storage value = assignment.overwritable.get(0).storage().resolved();
    if (value.isPersistent()) {
      return false;
    }
    int producer = value.firstStep();
    if (nodes.get(producer).reads(target) && !nodes.get(producer).canOverwrite(target)) {
      return false;
    }
    for (int i = producer + 1; i < assignment.step; i++) {
      if (nodes.get(i).reads(target) || nodes.get(i).writes(target)) {
        return false;
      }
    }
    for (int i = assignment.step + 1; i <= value.lastStep(); i++) {
      if (nodes.get(i).writes(target)) {
        return false;
      }
    }
    return true;
  }

  private void overwriteDyingInput(Node node) {
    Storage output = node.output.storage().resolved();
    if (output.isPersistent()) {
      return;
    }
    for (CpuTensor input : node.overwritable) {
      Storage storage = input.storage().resolved();
      if (!storage.isPersistent()
          && storage.lastStep() == node.step
          && storage.bytes() == output.bytes()
          && node.canOverwrite(storage)) {
        output.takeOver(storage);
        return;
      }
    }
  }
}
