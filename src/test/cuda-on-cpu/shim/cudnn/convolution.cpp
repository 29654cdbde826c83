#include "convolution.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "../../emu/float16.h"
#include "../common/environment.h"
#include "../common/gemm.h"

namespace shim {
namespace {

constexpr int kHeight = 2, kWidth = 3;  // positions in N, C, H, W
constexpr size_t kPiece = 64;

// A float32 convolution uses TF32 on tensor cores unless it is asked for FMA.
bool usesTf32(const Convolution& c) { return c.x.type == DNN_FLOAT && c.conv.math != DNN_FMA_MATH; }

// One image-to-row piece after the other: a row of the left operand is all that one output pixel sees
// of one group's input, in the order of the filter's elements.
class Patches {
 public:
  Patches(const Convolution& c, const void* x, int group)
      : c_(c), x_(x), type_(numberOf(c.x.type)), firstChannel_(group * c.w.dims[1]), tf32_(usesTf32(c)) {}

  void load(size_t pixel, size_t k, size_t count, float* out) const {
    const int outW = c_.y.dims[kWidth], outH = c_.y.dims[kHeight];
    size_t n = pixel / (outH * outW), oy = pixel / outW % outH, ox = pixel % outW;
    const size_t channels = c_.w.dims[1], filterW = c_.w.dims[kWidth], filterH = c_.w.dims[kHeight];
    bool channelsLast = c_.w.format == DNN_NHWC;
    for (size_t done = 0; done < count;) {
      size_t element = k + done;
      size_t channel = channelsLast ? element % channels : element / (filterH * filterW);
      size_t tap = channelsLast ? element / channels : element % (filterH * filterW);
      size_t run = channelsLast ? std::min(channels - channel, count - done) : 1;
      long iy = coordinate(0, oy, tap / filterW), ix = coordinate(1, ox, tap % filterW);
      bool inside = iy >= 0 && iy < c_.x.dims[kHeight] && ix >= 0 && ix < c_.x.dims[kWidth];
      if (inside) {
        loadNumbers(type_, x_, c_.x.at(n, firstChannel_ + channel, iy, ix), c_.x.strides[1], run, out + done);
      } else {
        std::fill(out + done, out + done + run, 0.0f);
      }
      done += run;
    }
    if (tf32_) std::transform(out, out + count, out, emu::roundToTf32);
  }

 private:
  long coordinate(int axis, size_t out, size_t tap) const {
    size_t extent = c_.w.dims[kHeight + axis];
    size_t position = c_.conv.mode == 0 ? extent - 1 - tap : tap;  // mode 0 is true convolution: flipped
    return static_cast<long>(out) * c_.conv.stride[axis] - c_.conv.pad[axis] +
           static_cast<long>(position) * c_.conv.dilation[axis];
  }

  const Convolution& c_;
  const void* x_;
  Number type_;
  size_t firstChannel_;
  bool tf32_;
};

// NaN passes.
float activate(int activation, float v) { return activation == DNN_RELU && v < 0 ? 0.0f : v; }

void finish(const Convolution& c, const ConvolutionRun& run, int firstFilter, size_t pixel, size_t column, size_t count,
            const float* sums) {
  const int outW = c.y.dims[kWidth], outH = c.y.dims[kHeight];
  size_t n = pixel / (outH * outW), oy = pixel / outW % outH, ox = pixel % outW;
  Number type = numberOf(c.y.type);
  float piece[kPiece], other[kPiece];
  for (size_t from = 0; from < count; from += kPiece) {
    size_t some = std::min(kPiece, count - from), filter = firstFilter + column + from;
    size_t at = c.y.at(n, filter, oy, ox), stride = c.y.strides[1];
    for (size_t i = 0; i < some; ++i) piece[i] = run.alpha1 * sums[from + i];
    if (run.z && run.alpha2 != 0) {
      loadNumbers(type, run.z, at, stride, some, other);
      for (size_t i = 0; i < some; ++i) piece[i] += run.alpha2 * other[i];
    }
    if (run.bias) {
      loadNumbers(type, run.bias, filter, 1, some, other);
      for (size_t i = 0; i < some; ++i) piece[i] += other[i];
    }
    for (size_t i = 0; i < some; ++i) piece[i] = activate(run.activation, piece[i]);
    if (stride == 1) {
      storeNumbers(type, run.y, at, some, piece);
    } else {
      for (size_t i = 0; i < some; ++i) storeNumber(type, run.y, at + i * stride, piece[i]);
    }
  }
}

}  // namespace

int outputExtent(const Convolution& c, int axis) {
  int filter = (c.w.dims[kHeight + axis] - 1) * c.conv.dilation[axis] + 1;
  return (c.x.dims[kHeight + axis] + 2 * c.conv.pad[axis] - filter) / c.conv.stride[axis] + 1;
}

int checkConvolution(const Convolution& c) {
  if (!c.x.set() || !c.y.set() || !c.w.set() || !c.conv.set) return DNN_BAD_PARAM;
  if (c.x.type != c.w.type || c.x.type != c.y.type) return DNN_NOT_SUPPORTED;
  if (c.conv.computeType != DNN_FLOAT) return DNN_NOT_SUPPORTED;  // true half is of no use to us
  if (c.x.type == DNN_BFLOAT16 && settingNumber("ARCH", 80) < 80) return DNN_NOT_SUPPORTED;
  if (c.w.dims[1] * c.conv.groups != c.x.dims[1] || c.w.dims[0] % c.conv.groups) return DNN_BAD_PARAM;
  bool shapeFits = c.y.dims[0] == c.x.dims[0] && c.y.dims[1] == c.w.dims[0] &&
                   c.y.dims[kHeight] == outputExtent(c, 0) && c.y.dims[kWidth] == outputExtent(c, 1);
  if (!shapeFits) return DNN_BAD_PARAM;
  if (c.w.format == DNN_NHWC && (!c.x.nhwc() || !c.y.nhwc())) return DNN_NOT_SUPPORTED;
  return DNN_SUCCESS;
}

// Channels-last filters are taken by the two implicit-GEMM algorithms only.
int checkAlgorithm(const Convolution& c, int algorithm) {
  if (algorithm < 0 || algorithm >= DNN_ALGO_COUNT) return DNN_BAD_PARAM;
  bool implicit = algorithm == DNN_ALGO_IMPLICIT_GEMM || algorithm == DNN_ALGO_PRECOMP_GEMM;
  if (c.w.format == DNN_NHWC && (c.conv.dilation[0] != 1 || c.conv.dilation[1] != 1)) return DNN_NOT_SUPPORTED;
  return implicit ? DNN_SUCCESS : DNN_NOT_SUPPORTED;
}

size_t workspaceOf(const Convolution& c, int algorithm) {
  if (algorithm != DNN_ALGO_PRECOMP_GEMM) return 0;
  // Room for offsets and a copy of the weights: any program must be ready for sizes of this order.
  return 4096 + c.w.elements() * bytesOf(numberOf(c.w.type));
}

void runConvolution(const Convolution& c, const ConvolutionRun& run) {
  // Whoever keeps something else in the workspace finds garbage there.
  if (run.workspaceBytes) memset(run.workspace, 0xCD, run.workspaceBytes);
  const size_t pixels = static_cast<size_t>(c.y.dims[0]) * c.y.dims[kHeight] * c.y.dims[kWidth];
  const size_t filters = c.w.dims[0] / c.conv.groups;
  const size_t depth = static_cast<size_t>(c.w.dims[1]) * c.w.dims[kHeight] * c.w.dims[kWidth];
  const Number type = numberOf(c.w.type);
  for (int group = 0; group < c.conv.groups; ++group) {
    Patches patches(c, run.x, group);
    int first = static_cast<int>(group * filters);
    gemm(
        pixels, filters, depth,
        [&](size_t pixel, size_t k, size_t count, float* out) { patches.load(pixel, k, count, out); },
        [&](size_t filter, size_t k, size_t count, float* out) {
          loadNumbers(type, run.w, (first + filter) * depth + k, 1, count, out);
          if (usesTf32(c)) std::transform(out, out + count, out, emu::roundToTf32);
        },
        [&](size_t pixel, size_t column, size_t count, const float* sums) {
          finish(c, run, first, pixel, column, count, sums);
        });
  }
  size_t bytes =
      (c.x.elements() + c.w.elements() + c.y.elements() * (run.z && run.alpha2 != 0 ? 2 : 1)) * bytesOf(type);
  countLibrary(run.function, 2 * pixels * c.w.dims[0] * depth, bytes);
}

}  // namespace shim
