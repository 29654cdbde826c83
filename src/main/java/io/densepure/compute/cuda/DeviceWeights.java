package io.densepure.compute.cuda;

import io.densepure.DeviceException;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.KernelRounding;
import io.densepure.compute.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import jcuda.driver.CUdeviceptr;

/**
 * Weights on the device: each laid out and uploaded once per layout and type, then shared by all
 * programs for as long as the device is open.
 */
class DeviceWeights {
  /** The order of a weight's elements on the device. */
  enum Layout {
    /** As PyTorch stores it. */
    AS_IS,
    /** A convolution's {@code [O, I, kh, kw]} as {@code [O, kh, kw, I]}, which NHWC wants. */
    CHANNELS_LAST
  }

  /**
   * @param rounding the type that values are rounded to first, {@code F32} for none
   * @param storage the type they are kept in
   */
  record Form(Layout layout, DType rounding, DType storage) {
    long bytes(HostTensor weight) {
      return weight.shape().elements() * storage.bytes();
    }
  }

  private final DeviceMemory memory;
  private final Transfers transfers;
  private final Map<HostTensor, Map<Form, CUdeviceptr>> uploaded = new IdentityHashMap<>();
  private final Map<Integer, CUdeviceptr> zeros = new HashMap<>();

  DeviceWeights(DeviceMemory memory, Transfers transfers) {
    this.memory = memory;
    this.transfers = transfers;
  }

  /** A vector or table in float32. */
  CUdeviceptr floats(HostTensor weight) {
    return get(weight, new Form(Layout.AS_IS, DType.F32, DType.F32));
  }

  /** A table of integers that fit into 32 bits, as such. */
  CUdeviceptr integers(HostTensor constant) {
    return get(constant, new Form(Layout.AS_IS, DType.I32, DType.I32));
  }

  /** As PyTorch lays it out, in {@code dtype}. */
  CUdeviceptr matrix(HostTensor weight, DType dtype) {
    return get(weight, new Form(Layout.AS_IS, dtype, dtype));
  }

  /**
   * A convolution's weights, channels last.
   *
   * @param rounding the type of the convolution's input
   * @param storage the type in which it is computed
   */
  CUdeviceptr filter(HostTensor weight, DType rounding, DType storage) {
    return get(weight, new Form(Layout.CHANNELS_LAST, rounding, storage));
  }

  /** At least {@code bytes} of zeros, for a library that insists on a bias. */
  CUdeviceptr zeros(int bytes) {
    return zeros.computeIfAbsent(bytes, this::allocateZeros);
  }

  CUdeviceptr allocateZeros(int bytes) {
    return memory.allocateZeros(bytes, "a missing bias");
  }

  /** Whether the weight is on the device in this form. */
  boolean holds(HostTensor weight, Form form) {
    return uploaded.getOrDefault(weight, Map.of()).containsKey(form);
  }

  private CUdeviceptr get(HostTensor weight, Form form) {
    return uploaded
        .computeIfAbsent(weight, w -> new HashMap<>())
        .computeIfAbsent(form, f -> upload(weight, f));
  }

  CUdeviceptr upload(HostTensor weight, Form form) {
    CUdeviceptr pointer = memory.allocate(form.bytes(weight), "weight " + weight.name());
    try {
      fill(pointer, weight, form);
      return pointer;
    } catch (DeviceException e) {
      memory.free(pointer);
      throw e;
    }
  }

  private void fill(CUdeviceptr pointer, HostTensor weight, Form form) {
    if (form.storage == DType.I32) {
      transfers.upload(
          pointer, Arrays.stream(weight.toLongs()).mapToInt(Math::toIntExact).toArray());
      return;
    }
    transfers.upload(pointer, form.storage, values(weight, form));
  }

  private static float[] values(HostTensor weight, Form form) {
    return switch (form.layout) {
      case AS_IS -> weight.toFloats();
      case CHANNELS_LAST ->
          channelsLast(KernelRounding.round(weight, form.rounding), weight.shape());
    };
  }

  /**
   * {@code [O, I, kh, kw]} to {@code [O, kh, kw, I]}.
   *
   * @return {@code values} itself if that changes nothing
   */
  private static float[] channelsLast(float[] values, Shape shape) {
    int in = shape.dim(1);
    int taps = shape.dim(2) * shape.dim(3);
    if (taps == 1) {
      return values;
    }
    float[] out = new float[values.length];
    for (int o = 0; o < shape.dim(0); o++) {
      for (int i = 0; i < in; i++) {
        for (int tap = 0; tap < taps; tap++) {
          out[(o * taps + tap) * in + i] = values[(o * in + i) * taps + tap];
        }
      }
    }
    return out;
  }
}
