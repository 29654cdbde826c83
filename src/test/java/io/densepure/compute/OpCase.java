package io.densepure.compute;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * One operation with one set of options at one shape, as data: it records itself on any device,
 * knows its inputs, how exact a device must be, and how much work it is. The same cases drive the
 * contract tests, the benchmarks and the table in {@code docs/ops.md}.
 *
 * @param op the method of {@link Ops}
 * @param variant what distinguishes the case from the others of that operation
 * @param inputs uploaded in this order
 * @param weights the host tensors that {@code body} uses, for {@link #bytes}
 * @param needs dtypes that the device must support besides that of the activations
 * @param precision how far from the reference a result may be
 * @param flops floating-point operations, multiplication and addition counted separately
 */
public record OpCase(
    String op,
    String variant,
    List<Input> inputs,
    List<HostTensor> weights,
    Set<DType> needs,
    Precision precision,
    long flops,
    Body body) {

  /** Records the operation on already uploaded inputs and returns its result. */
  @FunctionalInterface
  public interface Body {
    Tensor record(Ops ops, List<Tensor> inputs);
  }

  /**
   * @param dtype null for the dtype of the activations
   * @param floats contents, or null for {@code I32}
   */
  public record Input(DType dtype, Shape shape, float[] floats, int[] ints) {
    public DType dtype(DType activations) {
      return dtype == null ? activations : dtype;
    }

    /** A new persistent tensor with these contents. */
    public Tensor upload(Device device, DType activations) {
      Tensor t = device.allocate(dtype(activations), shape);
      if (ints == null) {
        device.upload(t, floats);
      } else {
        device.upload(t, ints);
      }
      return t;
    }
  }

  /**
   * The difference allowed to a reference value r among values of magnitude up to m: in float32
   * {@code fp32 · 2⁻²⁴ · m}; in a 16-bit format with ulp u besides {@code (halfUlps · |r| +
   * halfSpread · m) · u}.
   *
   * @param halfAddend what {@code halfSpread} grows by on devices that round an addend to 16 bits,
   *     see {@link OpContract#addsInFloat32}
   */
  public record Precision(double fp32, double halfUlps, double halfSpread, double halfAddend) {
    /** The same bits. */
    public static final Precision EXACT = new Precision(0, 0, 0);

    /** A few roundings in float32 and one in storage. */
    public static final Precision ROUNDED = new Precision(4, 1, 0);

    public Precision(double fp32, double halfUlps, double halfSpread) {
      this(fp32, halfUlps, halfSpread, 0);
    }

    /** A sum of {@code terms} in float32, whose errors grow like a random walk. */
    public static Precision sum(long terms) {
      return new Precision(4 + Math.sqrt(terms), 1, 0);
    }

    /** As {@link #sum} of products, to which a bias or a residual is added. */
    public static Precision product(long terms) {
      return new Precision(4 + Math.sqrt(terms), 1, 0, 0.5);
    }

    double allowed(DType dtype, double reference, double magnitude, boolean addsInFloat32) {
      double ulp =
          switch (dtype) {
            case F16 -> 0x1p-10;
            case BF16 -> 0x1p-7;
            default -> 0;
          };
      double spread = addsInFloat32 ? halfSpread : halfSpread + halfAddend;
      return fp32 * 0x1p-24 * magnitude
          + (halfUlps * Math.abs(reference) + spread * magnitude) * ulp;
    }
  }

  public String id() {
    return op + " " + variant;
  }

  /** The dtypes of activations that make a difference: only float32 if nothing depends on them. */
  public Set<DType> dtypes() {
    return inputs.stream().anyMatch(i -> i.dtype == null)
        ? EnumSet.of(DType.F32, DType.BF16, DType.F16)
        : EnumSet.of(DType.F32);
  }

  public boolean runsOn(Device device, DType activations) {
    return dtypes().contains(activations)
        && device.supports(activations)
        && needs.stream().allMatch(device::supports);
  }

  /** The result, not computed: for its shape and dtype. */
  public Tensor result(DType activations) {
    Device device = new ReferenceDevice();
    Tensor[] result = new Tensor[1];
    device.record(
        ops ->
            result[0] =
                body.record(
                    ops,
                    inputs.stream()
                        .map(i -> device.allocate(i.dtype(activations), i.shape))
                        .toList()));
    return result[0];
  }

  /** Bytes that must be moved at least: inputs and weights once in, the result once out. */
  public long bytes(DType activations) {
    Tensor result = result(activations);
    long total = result.shape().elements() * result.dtype().bytes();
    for (Input input : inputs) {
      total += input.shape.elements() * input.dtype(activations).bytes();
    }
    for (HostTensor weight : weights) {
      boolean rounded = weight.shape().rank() > 1 && weight.dtype().isFloat();
      int size = rounded ? activations.bytes() : DType.F32.bytes();
      total += weight.shape().elements() * size;
    }
    return total;
  }

  @Override
  public String toString() {
    return id();
  }

  static Builder of(String op, String variant) {
    return new Builder(op, variant);
  }

  /** Collects a case; its random numbers depend on nothing but its id. */
  static final class Builder {
    private final String op;
    private final String variant;
    private final Random random;
    private final List<Input> inputs = new ArrayList<>();
    private final List<HostTensor> weights = new ArrayList<>();
    private final Set<DType> needs = EnumSet.noneOf(DType.class);
    private Precision precision = Precision.ROUNDED;
    private long flops;

    private Builder(String op, String variant) {
      this.op = op;
      this.variant = variant;
      this.random = new Random((op + variant).hashCode());
    }

    private float[] normals(long count, double mean, double deviation) {
      float[] values = new float[Math.toIntExact(count)];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (mean + deviation * random.nextGaussian());
      }
      return values;
    }

    /** An input in the dtype under test, standard normal. */
    Builder activations(int... dims) {
      return activations(Shape.of(dims), 0, 1);
    }

    /** As {@link #activations(int...)} with another mean and deviation. */
    Builder activations(Shape shape, double mean, double deviation) {
      return activations(shape, normals(shape.elements(), mean, deviation));
    }

    Builder activations(Shape shape, float[] values) {
      inputs.add(new Input(null, shape, values, null));
      return this;
    }

    /** Makes elements of the last input NaN. */
    Builder nan(int... elements) {
      for (int i : elements) {
        inputs.get(inputs.size() - 1).floats[i] = Float.NaN;
      }
      return this;
    }

    /** An input in float32 whatever the dtype under test, standard normal. */
    Builder floats(int... dims) {
      Shape shape = Shape.of(dims);
      return floats(shape, normals(shape.elements(), 0, 1));
    }

    Builder floats(Shape shape, float[] values) {
      inputs.add(new Input(DType.F32, shape, values, null));
      return this;
    }

    Builder ints(Shape shape, int[] values) {
      inputs.add(new Input(DType.I32, shape, null, values));
      return this;
    }

    /** A weight, normal with that mean and deviation. */
    HostTensor weight(double mean, double deviation, int... dims) {
      Shape shape = Shape.of(dims);
      String name = op + ".weight" + weights.size();
      HostTensor weight = HostTensor.of(name, shape, normals(shape.elements(), mean, deviation));
      weights.add(weight);
      return weight;
    }

    /** A constant of indices in [0, {@code below}), of which every device makes what it likes. */
    HostTensor index(int below, int... dims) {
      Shape shape = Shape.of(dims);
      ByteBuffer values =
          ByteBuffer.allocate(Math.toIntExact(8 * shape.elements())).order(ByteOrder.LITTLE_ENDIAN);
      while (values.hasRemaining()) {
        values.putLong(random.nextInt(below));
      }
      HostTensor index = new HostTensor(op + ".index", DType.I64, shape, values.flip());
      weights.add(index);
      return index;
    }

    Builder needs(DType dtype) {
      needs.add(dtype);
      return this;
    }

    Builder precision(Precision required) {
      precision = required;
      return this;
    }

    Builder flops(long count) {
      flops = count;
      return this;
    }

    OpCase build(Body body) {
      return new OpCase(
          op, variant, List.copyOf(inputs), List.copyOf(weights), needs, precision, flops, body);
    }
  }
}
