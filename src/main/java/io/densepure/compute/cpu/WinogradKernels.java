package io.densepure.compute.cpu;

import static io.densepure.compute.cpu.WinogradTransforms.COMPONENTS;
import static io.densepure.compute.cpu.WinogradTransforms.KERNEL;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.densepure.compute.DType;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;

/**
 * G·g·Gᵀ of all of a convolution's kernels: from {@code [O, I, 3, 3]} to 36 times {@code [O, I, 1,
 * 1]}, one after the other, in the layout given.
 */
record WinogradKernels(int in, int out, int sums, memory.desc component)
    implements WeightCache.Layouter {
  @Override
  public void lay(engine engine, stream stream, memory plain, memory laid) {
    long filters = (long) in * out;
    memory kernels = new memory(OneDnn.matrix(DType.F32, KERNEL * KERNEL, filters), engine);
    copy(stream, plain, as(kernels, kernelsFirst(), engine));

    memory transform = new memory(OneDnn.matrix(DType.F32, COMPONENTS, KERNEL * KERNEL), engine);
    float[] values = WinogradTransforms.alongBothSides(WinogradTransforms.kernel());
    new FloatPointer(transform.get_data_handle()).put(values, 0, values.length);
    memory components = new memory(OneDnn.matrix(DType.F32, COMPONENTS, filters), engine);
    multiply(engine, stream, transform, kernels, components);

    BytePointer from = new BytePointer(components.get_data_handle());
    BytePointer to = new BytePointer(laid.get_data_handle());
    long step = filters / sums * Float.BYTES;
    for (int i = 0; i < COMPONENTS * sums; i++) {
      memory source = new memory(inputsFirst(), engine, from.getPointer(i * step));
      memory target = new memory(component, engine, to.getPointer(i * component.get_size()));
      copy(stream, source, target);
    }
  }

  /** The axes O, I, 3, 3 in the order 3, 3, I, O. */
  private memory.desc kernelsFirst() {
    long filters = (long) in * out;
    return new memory.desc(
        new long[] {out, in, KERNEL, KERNEL},
        memory.data_type.f32,
        new long[] {1, out, KERNEL * filters, filters});
  }

  /** The axes O, I, 1, 1 in the order I, O. */
  private memory.desc inputsFirst() {
    return new memory.desc(
        new long[] {out, in / sums, 1, 1}, memory.data_type.f32, new long[] {1, out, 1, 1});
  }

  private static memory as(memory memory, memory.desc layout, engine engine) {
    return new memory(layout, engine, memory.get_data_handle());
  }

  private static void copy(stream stream, memory from, memory to) {
    new reorder(from, to).execute(stream, from, to);
  }

  private static void multiply(
      engine engine, stream stream, memory left, memory right, memory product) {
    IntMemoryMap arguments = new IntMemoryMap();
    arguments.put(DNNL_ARG_SRC, left);
    arguments.put(DNNL_ARG_WEIGHTS, right);
    arguments.put(DNNL_ARG_DST, product);
    var description =
        new matmul.primitive_desc(engine, left.get_desc(), right.get_desc(), product.get_desc());
    new matmul(description).execute(stream, arguments);
  }
}
