package io.densepure.compute.cuda;

import io.densepure.DeviceException;
import io.densepure.compute.DType;
import io.densepure.compute.HalfFloats;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * Copies between Java arrays and device memory through two pinned buffers, so that the device reads
 * one while Java fills the other. Uploads return as soon as the last part is on its way. Small ones
 * lie side by side in a buffer: hundreds fit before one has to wait until the device has read the
 * other buffer, which was long ago by then.
 */
final class Transfers implements AutoCloseable {
  private static final int BUFFER_BYTES = 8 << 20;

  /** Regions of a buffer begin at multiples of this. */
  private static final int ALIGNMENT = 256;

  /** One pinned buffer, how much of it is taken, and when the device has done with all of that. */
  private static final class Staging implements AutoCloseable {
    final Pointer pointer = new Pointer();
    final CUevent done = new CUevent();
    final ByteBuffer bytes;
    int used;

    Staging() {
      Check.driver(
          JCudaDriver.cuMemHostAlloc(pointer, BUFFER_BYTES, 0), "reserving pinned host memory");
      bytes = pointer.getByteBuffer(0, BUFFER_BYTES);
      int status = JCudaDriver.cuEventCreate(done, CUevent_flags.CU_EVENT_DISABLE_TIMING);
      if (status != CUresult.CUDA_SUCCESS) {
        JCudaDriver.cuMemFreeHost(pointer);
        Check.driver(status, "creating an event");
      }
    }

    boolean hasRoomFor(int size) {
      return used + size <= BUFFER_BYTES;
    }

    Region take(int size) {
      Region region = new Region(this, used, size);
      used = Math.min(BUFFER_BYTES, (used + size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
      return region;
    }

    /** Best effort, as the device may be lost. */
    @Override
    public void close() {
      JCudaDriver.cuEventDestroy(done);
      JCudaDriver.cuMemFreeHost(pointer);
    }
  }

  /** A piece of a pinned buffer. */
  private record Region(Staging buffer, int offset, int size) {
    Pointer pointer() {
      return buffer.pointer.withByteOffset(offset);
    }

    ByteBuffer view() {
      return buffer.bytes.slice(offset, size).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  /** Moves {@code count} elements from {@code first} on between an array and a pinned buffer. */
  private interface Part {
    void move(ByteBuffer buffer, int first, int count);
  }

  private final CudaContext context;
  private final Deque<Staging> buffers = new ArrayDeque<>();

  Transfers(CudaContext context) {
    this.context = context;
    try {
      buffers.add(new Staging());
      buffers.add(new Staging());
    } catch (DeviceException e) {
      close();
      throw e;
    }
  }

  /** Rounds to {@code dtype} (nearest even) on the way. */
  void upload(CUdeviceptr to, DType dtype, float[] source) {
    upload(to, dtype, source.length, (b, first, n) -> encode(b, dtype, source, first, n));
  }

  void upload(CUdeviceptr to, int[] source) {
    upload(to, DType.I32, source.length, (b, first, n) -> b.asIntBuffer().put(source, first, n));
  }

  /** Waits for the device. */
  void download(CUdeviceptr from, DType dtype, float[] target) {
    download(from, dtype, target.length, (b, first, n) -> decode(b, dtype, target, first, n));
  }

  /** Waits for the device. */
  void download(CUdeviceptr from, int[] target) {
    download(
        from, DType.I32, target.length, (b, first, n) -> b.asIntBuffer().get(target, first, n));
  }

  private void upload(CUdeviceptr to, DType dtype, int elements, Part fill) {
    int step = BUFFER_BYTES / dtype.bytes();
    for (int first = 0; first < elements; first += step) {
      int count = Math.min(step, elements - first);
      Region r = region(count * dtype.bytes());
      fill.move(r.view(), first, count);
      CUdeviceptr at = to.withByteOffset((long) first * dtype.bytes());
      Check.driver(
          JCudaDriver.cuMemcpyHtoDAsync(at, r.pointer(), r.size, context.stream()), "uploading");
      Check.driver(JCudaDriver.cuEventRecord(r.buffer.done, context.stream()), "uploading");
    }
  }

  private void download(CUdeviceptr from, DType dtype, int elements, Part drain) {
    int step = BUFFER_BYTES / dtype.bytes();
    for (int first = 0; first < elements; first += step) {
      int count = Math.min(step, elements - first);
      Region r = region(count * dtype.bytes());
      CUdeviceptr at = from.withByteOffset((long) first * dtype.bytes());
      Check.driver(
          JCudaDriver.cuMemcpyDtoHAsync(r.pointer(), at, r.size, context.stream()), "downloading");
      Check.driver(JCudaDriver.cuEventRecord(r.buffer.done, context.stream()), "downloading");
      Check.driver(JCudaDriver.cuEventSynchronize(r.buffer.done), "downloading");
      drain.move(r.view(), first, count);
    }
  }

  /** A free piece of the current buffer, or the other one's start once the device has read that. */
  private Region region(int size) {
    if (!buffers.getFirst().hasRoomFor(size)) {
      buffers.addLast(buffers.removeFirst());
      Check.driver(
          JCudaDriver.cuEventSynchronize(buffers.getFirst().done), "waiting for an earlier copy");
      buffers.getFirst().used = 0;
    }
    return buffers.getFirst().take(size);
  }

  private static void encode(ByteBuffer to, DType dtype, float[] source, int first, int count) {
    switch (dtype) {
      case F32 -> to.asFloatBuffer().put(source, first, count);
      case F16 -> {
        for (int i = 0; i < count; i++) {
          to.putShort(2 * i, HalfFloats.floatToFp16(source[first + i]));
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          to.putShort(2 * i, HalfFloats.floatToBf16(source[first + i]));
        }
      }
      default -> throw new IllegalArgumentException("upload: floats into " + dtype);
    }
  }

  private static void decode(ByteBuffer from, DType dtype, float[] target, int first, int count) {
    switch (dtype) {
      case F32 -> from.asFloatBuffer().get(target, first, count);
      case F16 -> {
        for (int i = 0; i < count; i++) {
          target[first + i] = HalfFloats.fp16ToFloat(from.getShort(2 * i));
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          target[first + i] = HalfFloats.bf16ToFloat(from.getShort(2 * i));
        }
      }
      default -> throw new IllegalArgumentException("download: floats from " + dtype);
    }
  }

  /** Best effort, as the device may be lost. */
  @Override
  public void close() {
    buffers.forEach(Staging::close);
  }
}
