// Resizing by weighted sums along either axis, in two ways. The weights are AxisFilter.java's.
//
// resize_bicubic: PyTorch's bicubic interpolation; nothing is clipped.
// resize_bytes: Pillow's bilinear resizing of 8-bit images, to the last bit: fixed-point weights in multiples of 2^-22,
// rounded to bytes after the rows and again after the columns. NaN makes NaN of everything it touches.
//
// x: [N, H, W, C]; y: [N, OH, OW, C], n elements in y; f32, of bytes as whole numbers. One thread per output element:
// each of its rows of pixels is summed first, then the rows, as separate passes would.
#include "common.cuh"

// One axis. Row o of the table, [out, 1 + taps]: the first input, which may lie beyond the edge, then the weights.
struct Axis {
  int in;
  int out;
  const float* table;
  int taps;

  __device__ __forceinline__ const float* row(int o) const { return table + o * (1 + taps); }

  // The input that tap k reads; coordinates beyond the edge mean the pixel at the edge.
  __device__ __forceinline__ int source(const float* row, int k) const {
    const int i = static_cast<int>(row[0]) + k;
    return max(0, min(in - 1, i));
  }
};

// Where output element i of [N, rows.out, columns.out, channels] lies.
struct Place {
  const float* image;  // channel c of the first pixel of its image
  int oy;
  int ox;
};

__device__ __forceinline__ Place place(const float* x, long long i, const Axis& rows, const Axis& columns,
                                       int channels) {
  const int c = remainder_of(i, channels);
  const long long pixel = quotient_of(i, channels);
  const int ox = remainder_of(pixel, columns.out);
  const long long row = quotient_of(pixel, columns.out);
  const int oy = remainder_of(row, rows.out);
  return {x + quotient_of(row, rows.out) * rows.in * columns.in * channels + c, oy, ox};
}

extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)
    resize_bicubic_f32(const float* x, float* y, long long n, int height, int out_height, const float* row_table,
                       int row_taps, int width, int out_width, const float* column_table, int column_taps,
                       int channels) {
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const Axis rows = {height, out_height, row_table, row_taps};
  const Axis columns = {width, out_width, column_table, column_taps};
  const Place p = place(x, i, rows, columns, channels);
  const float* vertical = rows.row(p.oy);
  const float* horizontal = columns.row(p.ox);
  float sum = 0.f;
  for (int ky = 0; ky < row_taps; ky++) {
    const float* line = p.image + static_cast<long long>(rows.source(vertical, ky)) * width * channels;
    float across = 0.f;
    for (int kx = 0; kx < column_taps; kx++) {
      across += line[columns.source(horizontal, kx) * channels] * horizontal[1 + kx];
    }
    sum += across * vertical[1 + ky];
  }
  y[i] = sum;
}

#define FRACTION_BITS 22

// A sum of bytes times weights.
struct ByteSum {
  int sum;
  bool nan;

  __device__ __forceinline__ void add(float byte, float weight) {
    if (weight == 0.f) return;  // what fills up a row of the table
    if (byte != byte) {
      nan = true;
    } else {
      sum += static_cast<int>(byte) * static_cast<int>(weight);
    }
  }

  __device__ __forceinline__ float rounded() const {
    if (nan) return __int_as_float(0x7fc00000);
    const int byte = (sum + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS;
    return static_cast<float>(max(0, min(255, byte)));
  }
};

extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)
    resize_bytes_f32(const float* x, float* y, long long n, int height, int out_height, const float* row_table,
                     int row_taps, int width, int out_width, const float* column_table, int column_taps, int channels) {
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const Axis rows = {height, out_height, row_table, row_taps};
  const Axis columns = {width, out_width, column_table, column_taps};
  const Place p = place(x, i, rows, columns, channels);
  const float* vertical = rows.row(p.oy);
  const float* horizontal = columns.row(p.ox);
  ByteSum down = {0, false};
  for (int ky = 0; ky < row_taps; ky++) {
    const float* line = p.image + static_cast<long long>(rows.source(vertical, ky)) * width * channels;
    ByteSum across = {0, false};
    for (int kx = 0; kx < column_taps; kx++) {
      across.add(line[columns.source(horizontal, kx) * channels], horizontal[1 + kx]);
    }
    down.add(across.rounded(), vertical[1 + ky]);
  }
  y[i] = down.rounded();
}
