package io.densepure.compute.cuda;

import io.densepure.compute.AxisFilter;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import jcuda.driver.CUdeviceptr;

/** Operations that change the height and width of images. */
final class ResizeOps {
  private final Gpu gpu;
  private final Recording recording;

  ResizeOps(Gpu gpu, Recording recording) {
    this.gpu = gpu;
    this.recording = recording;
  }

  CudaTensor upsampleNearest2x(CudaTensor x, Shape result) {
    CudaTensor y = recording.intermediate(x.dtype(), result);
    Kernel kernel = gpu.kernels().get("upsample", Integer.toString(x.dtype().bytes()));
    long n = y.elements();
    int width = x.shape().dim(2);
    int channels = x.shape().dim(3);
    recording.step(() -> kernel.launch(Kernel.Grid.overFours(n), x, y, n, width, channels), x, y);
    return y;
  }

  CudaTensor avgPool2d(CudaTensor x, int size, int stride, Shape result) {
    CudaTensor y = recording.intermediate(x.dtype(), result);
    Kernel kernel = gpu.kernels().get("avg_pool", x.dtype());
    long n = y.elements();
    Shape from = x.shape();
    recording.step(
        () ->
            kernel.launch(
                Kernel.Grid.over(n),
                x,
                y,
                n,
                from.dim(1),
                from.dim(2),
                result.dim(1),
                result.dim(2),
                from.dim(3),
                size,
                stride),
        x,
        y);
    return y;
  }

  CudaTensor maxPool2d(CudaTensor x, int size, int stride, int padding, Shape result) {
    CudaTensor y = recording.intermediate(x.dtype(), result);
    Kernel kernel = gpu.kernels().get("max_pool", x.dtype());
    long n = y.elements();
    Shape from = x.shape();
    recording.step(
        () ->
            kernel.launch(
                Kernel.Grid.over(n),
                x,
                y,
                n,
                from.dim(1),
                from.dim(2),
                result.dim(1),
                result.dim(2),
                from.dim(3),
                size,
                stride,
                padding),
        x,
        y);
    return y;
  }

  CudaTensor resizeBicubic(CudaTensor x, Shape result) {
    return resize(
        "bicubic",
        x,
        AxisFilter.bicubic(x.shape().dim(1), result.dim(1)),
        AxisFilter.bicubic(x.shape().dim(2), result.dim(2)),
        result);
  }

  CudaTensor resizeBytes(CudaTensor x, Shape result) {
    return resize(
        "bytes",
        x,
        AxisFilter.pillowBilinear(x.shape().dim(1), result.dim(1)),
        AxisFilter.pillowBilinear(x.shape().dim(2), result.dim(2)),
        result);
  }

  private CudaTensor resize(
      String kind, CudaTensor x, AxisFilter rows, AxisFilter columns, Shape result) {
    CudaTensor y = recording.intermediate(DType.F32, result);
    Kernel kernel = gpu.kernels().get("resize", kind + "_f32");
    CUdeviceptr rowTable = table(rows);
    CUdeviceptr columnTable = table(columns);
    long n = y.elements();
    recording.step(
        () ->
            kernel.launch(
                Kernel.Grid.over(n),
                x,
                y,
                n,
                rows.in(),
                rows.out(),
                rowTable,
                rows.taps(),
                columns.in(),
                columns.out(),
                columnTable,
                columns.taps(),
                result.dim(3)),
        x,
        y);
    return y;
  }

  /** {@code [out, 1 + taps]}: the first input, then the weights, all exact as floats. */
  private CUdeviceptr table(AxisFilter filter) {
    int columns = 1 + filter.taps();
    float[] table = new float[filter.out() * columns];
    for (int o = 0; o < filter.out(); o++) {
      table[o * columns] = filter.first()[o];
      System.arraycopy(filter.weights(), o * filter.taps(), table, o * columns + 1, filter.taps());
    }
    return gpu.weights().floats(HostTensor.of("resizing", Shape.of(filter.out(), columns), table));
  }
}
