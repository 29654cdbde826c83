// cuBLAS against plain loops, and its complaints.
#include <cmath>
#include <cstring>

#include "libraries.h"

namespace {

constexpr int kF32 = 0, kF16 = 2, kCompute32F = 68, kComputeTf32 = 77;

}  // namespace

CASE(gemm_in_every_transposition) {
  Gpu gpu;
  Blas blas;
  const int m = 37, n = 211, k = 300, ldc = 40;
  for (int ta = 0; ta < 2; ++ta) {
    for (int tb = 0; tb < 2; ++tb) {
      int lda = (ta ? k : m) + 3, ldb = (tb ? n : k) + 5;
      std::vector<float> a = numbers(lda * (ta ? m : k), 1), b = numbers(ldb * (tb ? k : n), 2),
                         c = numbers(ldc * n, 3);
      Buffer<float> da(a), db(b), dc(c);
      float alpha = 0.5f, beta = 2;
      OK(cublasSgemm_v2(blas.handle, ta, tb, m, n, k, &alpha, da.data(), lda, db.data(), ldb, &beta, dc.data(), ldc));
      std::vector<float> got = dc.get();
      for (int j = 0; j < n; ++j) {
        for (int i = 0; i < ldc; ++i) {
          double sum = 0;
          for (int x = 0; x < k; ++x)
            sum += static_cast<double>(ta ? a[i * lda + x] : a[x * lda + i]) * (tb ? b[x * ldb + j] : b[j * ldb + x]);
          double expected = i < m ? alpha * sum + beta * c[j * ldc + i] : c[j * ldc + i];
          EXPECT(std::fabs(expected - got[j * ldc + i]) < 1e-4);
        }
      }
    }
  }
}

// Beta 0 must not let garbage in C through, half results are rounded once.
CASE(gemm_strided_batches_of_halves) {
  Gpu gpu;
  Blas blas;
  const int m = 20, n = 9, k = 33, batch = 3;
  std::vector<uint16_t> a = halves(numbers(batch * m * k, 1)), b = halves(numbers(batch * k * n, 2));
  std::vector<float> wa = widened(a), wb = widened(b);
  Buffer<uint16_t> da(a), db(b), dc(std::vector<uint16_t>(batch * m * n, 0x7E00));  // NaN
  float alpha = 1, beta = 0;
  OK(cublasGemmStridedBatchedEx(blas.handle, 0, 0, m, n, k, &alpha, da.data(), kF16, m, m * k, db.data(), kF16, k,
                                k * n, &beta, dc.data(), kF16, m, m * n, batch, kCompute32F, -1));
  std::vector<float> got = widened(dc.get());
  for (int z = 0; z < batch; ++z) {
    for (int j = 0; j < n; ++j) {
      for (int i = 0; i < m; ++i) {
        double sum = 0;
        for (int x = 0; x < k; ++x) sum += static_cast<double>(wa[z * m * k + x * m + i]) * wb[z * k * n + j * k + x];
        EXPECT(std::fabs(sum - got[z * m * n + j * m + i]) <= std::fabs(sum) * ldexp(1, -11) + 1e-5);
      }
    }
  }
}

CASE(gemm_does_not_depend_on_the_batch) {
  Gpu gpu;
  Blas blas;
  const int m = 64, k = 700, many = 500;
  Buffer<float> a(numbers(m * k, 1)), b(numbers(k * many, 2)), all(m * many), one(m);
  float alpha = 1, beta = 0;
  OK(cublasSgemm_v2(blas.handle, 1, 0, m, many, k, &alpha, a.data(), k, b.data(), k, &beta, all.data(), m));
  const int column = 321;
  const float* from = static_cast<const float*>(b.data()) + column * k;
  OK(cublasSgemm_v2(blas.handle, 1, 0, m, 1, k, &alpha, a.data(), k, from, k, &beta, one.data(), m));
  std::vector<float> of = all.get(), alone = one.get();
  EXPECT(!memcmp(&of[column * m], alone.data(), m * sizeof(float)));
}

CASE(tf32_is_coarser) {
  Gpu gpu;
  Blas blas;
  const int k = 64;
  Buffer<float> a(numbers(k, 1)), b(numbers(k, 2)), c(1);
  float alpha = 1, beta = 0, exact, coarse;
  auto product = [&](int compute) {
    OK(cublasGemmEx(blas.handle, 1, 0, 1, 1, k, &alpha, a.data(), kF32, k, b.data(), kF32, k, &beta, c.data(), kF32, 1,
                    compute, -1));
    return c.get()[0];
  };
  exact = product(kCompute32F);
  coarse = product(kComputeTf32);
  EXPECT(exact != coarse && std::fabs(exact - coarse) < 1e-2);
}

CASE(gemm_complaints) {
  Gpu gpu;
  Blas blas;
  Buffer<float> a(16), b(16), c(16);
  float one = 1;
  constexpr int kNotInitialized = 1, kInvalidValue = 7, kExecutionFailed = 13, kNotSupported = 15;
  auto gemm = [&](void* handle, int m, int lda, int type, int compute) {
    return cublasGemmEx(handle, 0, 0, m, 4, 4, &one, a.data(), type, lda, b.data(), type, 4, &one, c.data(), type, 4,
                        compute, -1);
  };
  OK(gemm(blas.handle, 4, 4, kF32, kCompute32F));
  EXPECT_STATUS(kNotInitialized, gemm(nullptr, 4, 4, kF32, kCompute32F));
  EXPECT_STATUS(kInvalidValue, gemm(blas.handle, 4, 3, kF32, kCompute32F));
  EXPECT_STATUS(kNotSupported, gemm(blas.handle, 4, 4, kF16, kComputeTf32));
  EXPECT_STATUS(kExecutionFailed, gemm(blas.handle, 4, 5, kF32, kCompute32F));  // one element too many
}

CASE(gemm_is_captured) {
  Gpu gpu;
  Blas blas;
  void *stream, *graph, *exec;
  Buffer<float> a(std::vector<float>{2}), b(std::vector<float>{3}), c(std::vector<float>{1});
  float one = 1;
  OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  OK(cublasSetStream_v2(blas.handle, stream));
  OK(cuStreamBeginCapture_v2(stream, CU_CAPTURE_THREAD_LOCAL));
  OK(cublasSgemm_v2(blas.handle, 0, 0, 1, 1, 1, &one, a.data(), 1, b.data(), 1, &one, c.data(), 1));
  OK(cuStreamEndCapture(stream, &graph));
  OK(cuGraphInstantiateWithFlags(&exec, graph, 0));
  for (int i = 0; i < 2; ++i) OK(cuGraphLaunch(exec, stream));
  OK(cuStreamSynchronize(stream));
  EXPECT(c.get()[0] == 13);
  OK(cuGraphDestroy(graph));
  OK(cuGraphExecDestroy(exec));
  OK(cuStreamDestroy_v2(stream));
}
