// What a kernel sees: barriers, shuffles, shared memory, atomics, arithmetic, tensor cores.
#include <cmath>

#include "../emu/float16.h"
#include "selftest.h"

CASE(tree_sum) {
  Gpu gpu;
  std::vector<float> x = numbers(4 * 256);
  Buffer<float> in(x), out(4);
  OK(launch(gpu.kernel("tree_sum"), {4, 256, 256 * 4}, out.p(), in.p()));
  std::vector<float> y = out.get();
  for (int b = 0; b < 4; ++b) {
    double sum = 0;
    for (int i = 0; i < 256; ++i) sum += x[b * 256 + i];
    EXPECT(std::fabs(sum - y[b]) < 1e-4);
  }
}

CASE(early_exit) {
  Gpu gpu;
  Buffer<int> out(128);
  OK(launch(gpu.kernel("early_exit"), {1, 128}, out.p()));
  std::vector<int> y = out.get();
  for (int i = 0; i < 128; ++i) EXPECT(y[i] == (i % 2 ? static_cast<int>(0xCDCDCDCD) : 42));
}

CASE(shuffles) {
  Gpu gpu;
  Buffer<int> out(32 * 8);
  OK(launch(gpu.kernel("shuffles"), {1, 32}, out.p()));
  std::vector<int> y = out.get();
  int multiplesOf3 = 0x49249249;
  for (int lane = 0; lane < 32; ++lane) {
    const int* row = &y[lane * 8];
    EXPECT(row[0] == (lane ^ 5));
    EXPECT(row[1] == (lane % 8 + 3 < 8 ? lane + 3 : lane));
    EXPECT(row[2] == (lane % 8 >= 3 ? lane - 3 : lane));
    EXPECT(row[3] == lane / 8 * 8 + 1);
    EXPECT(row[4] == (lane < 16 ? lane ^ 1 : lane ^ 7));
    EXPECT(row[5] == multiplesOf3);
    EXPECT(row[6] == 496);
    EXPECT(row[7] == static_cast<int>(0xFFu << lane / 8 * 8));
  }
}

CASE(block_votes) {
  Gpu gpu;
  Buffer<int> out(3);
  OK(launch(gpu.kernel("block_votes"), {1, 96}, out.p()));
  EXPECT((out.get() == std::vector<int>{32, 1, 1}));
}

CASE(shared_memory_is_garbage_at_first) {
  Gpu gpu;
  Buffer<unsigned> out(2 * 64);
  OK(launch(gpu.kernel("fresh_shared"), {64, 64, 64}, out.p()));
  for (unsigned seen : out.get()) EXPECT(seen == 0xCDCDCDCD);
}

CASE(atomics) {
  Gpu gpu;
  Buffer<int> total(std::vector<int>{0});
  Buffer<float> sum(std::vector<float>{0});
  OK(launch(gpu.kernel("count_atomically"), {64, 256}, total.p(), sum.p()));
  EXPECT(total.get()[0] == 64 * 256);
  EXPECT(sum.get()[0] == 64 * 256 / 2);
}

CASE(no_contraction) {
  Gpu gpu;
  Buffer<float> out(3);
  float a = 1 + ldexpf(1, -12), c = -1;
  OK(launch(gpu.kernel("contraction"), {1, 1}, out.p(), a, a, c));
  std::vector<float> y = out.get();
  float separate = ldexpf(1, -11), fused = ldexpf(1, -11) + ldexpf(1, -24);
  EXPECT(y[0] == separate && y[1] == fused && y[2] == separate);
}

// Against the definition: the nearest representable number, of two the one with an even last bit.
static uint16_t nearest(float x, float (*widen)(uint16_t), uint16_t infinity) {
  uint16_t sign = std::signbit(x) ? 0x8000 : 0, low = 0, high = infinity;
  float magnitude = std::fabs(x);
  while (high - low > 1) {
    uint16_t middle = static_cast<uint16_t>((low + high) / 2);
    (widen(middle) <= magnitude ? low : high) = middle;
  }
  double below = widen(low), above = high == infinity ? 2.0 * widen(low) - widen(low - 1) : widen(high);
  double down = magnitude - below, up = above - magnitude;
  return sign | (down < up || (down == up && low % 2 == 0) ? low : high);
}

CASE(half_conversions) {
  Gpu gpu;
  std::vector<float> x = numbers(4096);
  for (size_t i = 0; i < x.size(); ++i) x[i] = ldexpf(x[i], static_cast<int>(i % 45) - 28);
  for (float tie :
       {1 + ldexpf(1, -11), 1 + 3 * ldexpf(1, -11), 1 + ldexpf(1, -8), 1 + 3 * ldexpf(1, -8), 65519.0f, 65520.0f}) {
    x.push_back(tie);
  }
  int n = static_cast<int>(x.size());
  Buffer<float> in(x);
  Buffer<uint16_t> halves(n), bfloats(n);
  OK(launch(gpu.kernel("convert"), {static_cast<unsigned>(n + 255) / 256, 256}, halves.p(), bfloats.p(), in.p(), n));
  std::vector<uint16_t> h = halves.get(), b = bfloats.get();
  for (int i = 0; i < n; ++i) {
    EXPECT(h[i] == nearest(x[i], emu::halfToFloat, 0x7C00));
    EXPECT(b[i] == nearest(x[i], emu::bfloatToFloat, 0x7F80));
  }
}

// y[i][j] = sum of a[i][k] * b[j][k]; the largest error against the sum in double.
template <class T>
static double productError(const char* kernel, std::vector<T> a, std::vector<T> b, float (*widen)(T), bool transposed) {
  constexpr int k = 64;
  Gpu gpu;
  Buffer<T> left(a), right(b);
  Buffer<float> out(256);
  OK(launch(gpu.kernel(kernel), {1, 32}, out.p(), left.p(), right.p(), k));
  std::vector<float> y = out.get();
  double worst = 0;
  for (int i = 0; i < 16; ++i) {
    for (int j = 0; j < 16; ++j) {
      double sum = 0;
      for (int x = 0; x < k; ++x) sum += static_cast<double>(widen(a[i * k + x])) * widen(b[j * k + x]);
      worst = std::max(worst, std::fabs(sum - y[transposed ? j * 16 + i : i * 16 + j]));
    }
  }
  return worst;
}

template <class T>
static std::vector<T> narrow(unsigned seed, T (*convert)(float)) {
  std::vector<T> values;
  for (float x : numbers(16 * 64, seed)) values.push_back(convert(x));
  return values;
}

CASE(tensor_cores) {
  auto same = [](float x) { return x; };
  EXPECT(productError<uint16_t>("product_f16", narrow(1, emu::floatToHalf), narrow(2, emu::floatToHalf),
                                emu::halfToFloat, false) < 1e-5);
  EXPECT(productError<uint16_t>("product_bf16", narrow(1, emu::floatToBfloat), narrow(2, emu::floatToBfloat),
                                emu::bfloatToFloat, false) < 1e-5);
  EXPECT(productError<float>("product_tf32", narrow<float>(1, same), narrow<float>(2, same), emu::roundToTf32, true) <
         1e-5);
}

// ---- mistakes

static void fails(const char* kernel, unsigned block, CUresult expected) {
  Gpu gpu;
  Buffer<int> out(std::vector<int>(1024, 0));
  OK(launch(gpu.kernel(kernel), {2, block}, out.p()));
  EXPECT_STATUS(expected, cuCtxSynchronize());
  EXPECT_STATUS(expected, cuCtxSynchronize());  // the context stays lost
}

CASE(divergent_barrier) { fails("divergent_barrier", 64, CUDA_ERROR_LAUNCH_FAILED); }
CASE(missing_arrival) { fails("missing_arrival", 64, CUDA_ERROR_LAUNCH_FAILED); }
CASE(lane_outside_mask) { fails("lane_outside_mask", 32, CUDA_ERROR_LAUNCH_FAILED); }
CASE(trap) { fails("trap", 32, CUDA_ERROR_LAUNCH_FAILED); }
CASE(failed_assertion) { fails("failed_assertion", 32, CUDA_ERROR_ASSERT); }
CASE(misaligned_tile) { fails("misaligned_tile", 32, CUDA_ERROR_MISALIGNED_ADDRESS); }

CASE(shared_overrun) {
  Gpu gpu;
  Buffer<int> out(1);
  OK(launch(gpu.kernel("shared_overrun"), {1, 32, 32 * sizeof(int)}, out.p()));
  EXPECT_STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, cuCtxSynchronize());
}

CASE(missing_barrier_shows) {
  Gpu gpu;
  Buffer<int> out(64);
  OK(launch(gpu.kernel("missing_barrier"), {1, 64}, out.p()));
  std::vector<int> y = out.get();
  EXPECT(y[0] != 63 || y[63] != 0);
}

CASE(launch_limits) {
  Gpu gpu;
  Buffer<int> out(1);
  void* bounded = gpu.kernel("bounded");
  EXPECT_STATUS(CUDA_ERROR_INVALID_VALUE, launch(bounded, {1, 129}, out.p()));
  EXPECT_STATUS(CUDA_ERROR_INVALID_VALUE, launch(bounded, {0, 1}, out.p()));
  EXPECT_STATUS(CUDA_ERROR_INVALID_VALUE, launch(bounded, {1, 1, 48 * 1024 + 1}, out.p()));
  constexpr int kMaxDynamicShared = 8;
  EXPECT_STATUS(CUDA_ERROR_INVALID_VALUE, cuFuncSetAttribute(bounded, kMaxDynamicShared, 164 * 1024));
  OK(cuFuncSetAttribute(bounded, kMaxDynamicShared, 96 * 1024));
  OK(launch(bounded, {1, 1, 96 * 1024}, out.p()));
  EXPECT(out.get()[0] == 1);
}

// ---- what CUDA_ON_CPU_TRACE sees; CudaOnCpuTest reads the counters

CASE(traffic) {
  Gpu gpu;
  Buffer<float> in(numbers(1000)), out(1000);
  OK(launch(gpu.kernel("scale"), {4, 256}, out.p(), in.p(), 2.0f, 1000));
  OK(launch(gpu.kernel("scale"), {1, 32}, out.p(), in.p(), 2.0f, 3));
}

CASE(warp_exchange) {
  Gpu gpu;
  Buffer<int> out(128);
  OK(launch(gpu.kernel("warp_exchange"), {1, 128}, out.p()));
  std::vector<int> y = out.get();
  for (int i = 0; i < 128; ++i) EXPECT(y[i] == i / 32 * 32 + 31 - i % 32 + 2);
}

static void run(const char* kernel, unsigned grid, unsigned block) {
  Gpu gpu;
  Buffer<int> out(64);
  OK(launch(gpu.kernel(kernel), {grid, block}, out.p()));
  OK(cuCtxSynchronize());
}

CASE(race_without_barrier) { run("missing_barrier", 1, 64); }
CASE(race_without_syncwarp) { run("missing_syncwarp", 1, 32); }
CASE(race_between_blocks) { run("blocks_collide", 2, 32); }
