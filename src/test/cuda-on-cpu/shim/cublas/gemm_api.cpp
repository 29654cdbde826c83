// Matrix products: C = alpha * op(A) * op(B) + beta * C, all column-major. Half and bfloat16 are
// accumulated in float; TF32 rounds its inputs where a tensor core would.
#include <algorithm>
#include <cstdio>
#include <string>

#include "../../emu/float16.h"
#include "../common/gemm.h"
#include "../common/numbers.h"
#include "handle.h"

using namespace shim;

namespace {

struct Matrix {
  const void* data;
  Number type;
  long long ld, stride;
  bool transposed;

  // Elements from the first to the last one of a stored rows x columns matrix.
  size_t extent(long long rows, long long columns) const {
    return rows && columns ? static_cast<size_t>((columns - 1) * ld + rows) : 0;
  }
};

struct Product {
  const char* function;
  long long m, n, k;
  Matrix a, b, c;
  const float *alpha, *beta;
  int batch;
  bool tf32;
};

Number numberOf(int type) {
  return type == CUDA_R_32F    ? Number::kF32
         : type == CUDA_R_16F  ? Number::kF16
         : type == CUDA_R_16BF ? Number::kBf16
                               : Number::kOther;
}

bool supported(const Product& p, int compute) {
  if (p.a.type == Number::kOther || p.a.type != p.b.type || p.c.type == Number::kOther) return false;
  if (p.c.type != p.a.type && p.c.type != Number::kF32) return false;
  switch (compute) {
    case CUBLAS_COMPUTE_32F:
    case CUBLAS_COMPUTE_32F_PEDANTIC: return true;
    case CUBLAS_COMPUTE_32F_FAST_TF32:
    case CUBLAS_COMPUTE_32F_FAST_16F:
    case CUBLAS_COMPUTE_32F_FAST_16BF: return p.a.type == Number::kF32;
    default: return false;
  }
}

bool wellFormed(const Product& p) {
  if (p.m < 0 || p.n < 0 || p.k < 0 || p.batch < 0 || !p.alpha || !p.beta) return false;
  return p.a.ld >= std::max(1ll, p.a.transposed ? p.k : p.m) && p.b.ld >= std::max(1ll, p.b.transposed ? p.n : p.k) &&
         p.c.ld >= std::max(1ll, p.m);
}

// The bytes of all matrices of a batch.
size_t bytesOf(const Matrix& x, long long rows, long long columns, int batch) {
  size_t extent = x.extent(rows, columns);
  return extent ? (static_cast<size_t>(batch - 1) * x.stride + extent) * bytesOf(x.type) : 0;
}

bool overlap(const void* a, size_t aBytes, const void* b, size_t bBytes) {
  const char *p = static_cast<const char*>(a), *q = static_cast<const char*>(b);
  return aBytes && bBytes && p < q + bBytes && q < p + aBytes;
}

bool operandsReachable(const Product& p) {
  size_t a = bytesOf(p.a, p.a.transposed ? p.k : p.m, p.a.transposed ? p.m : p.k, p.batch);
  size_t b = bytesOf(p.b, p.b.transposed ? p.n : p.k, p.b.transposed ? p.k : p.n, p.batch);
  size_t c = bytesOf(p.c, p.m, p.n, p.batch);
  if (overlap(p.a.data, a, p.c.data, c) || overlap(p.b.data, b, p.c.data, c)) {
    violation("%s: the result overlaps an operand", p.function);
  }
  return !checkMemory(p.a.data, a, p.function, "A") && !checkMemory(p.b.data, b, p.function, "B") &&
         !checkMemory(p.c.data, c, p.function, "C");
}

void roundAll(bool tf32, float* values, size_t count) {
  if (!tf32) return;
  for (size_t i = 0; i < count; ++i) values[i] = emu::roundToTf32(values[i]);
}

// Computes C transposed, whose rows are the columns that lie in memory: op(B) transposed times op(A)
// transposed.
void multiply(const Product& p, size_t batch, float alpha, float beta) {
  size_t aOffset = batch * p.a.stride, bOffset = batch * p.b.stride, cOffset = batch * p.c.stride;
  auto fromB = [&](size_t j, size_t k, size_t count, float* out) {
    size_t first = p.b.transposed ? k * p.b.ld + j : j * p.b.ld + k;
    loadNumbers(p.b.type, p.b.data, bOffset + first, p.b.transposed ? p.b.ld : 1, count, out);
    roundAll(p.tf32, out, count);
  };
  auto fromA = [&](size_t i, size_t k, size_t count, float* out) {
    size_t first = p.a.transposed ? i * p.a.ld + k : k * p.a.ld + i;
    loadNumbers(p.a.type, p.a.data, aOffset + first, p.a.transposed ? 1 : p.a.ld, count, out);
    roundAll(p.tf32, out, count);
  };
  auto toC = [&](size_t j, size_t i, size_t count, const float* sums) {
    constexpr size_t kPiece = 64;
    float piece[kPiece], old[kPiece];
    for (size_t at = 0; at < count; at += kPiece) {
      size_t n = std::min(kPiece, count - at), index = cOffset + j * p.c.ld + i + at;
      for (size_t x = 0; x < n; ++x) piece[x] = alpha * sums[at + x];
      if (beta != 0) {
        loadNumbers(p.c.type, p.c.data, index, 1, n, old);
        for (size_t x = 0; x < n; ++x) piece[x] += beta * old[x];
      }
      storeNumbers(p.c.type, const_cast<void*>(p.c.data), index, n, piece);
    }
  };
  gemm(p.n, p.m, p.k, fromB, fromA, toC);
}

// In host pointer mode alpha and beta are read now, in device pointer mode when the work runs.
int run(BlasHandle* handle, Product p, int compute) {
  if (!wellFormed(p)) return CUBLAS_INVALID_VALUE;
  if (!supported(p, compute)) return CUBLAS_NOT_SUPPORTED;
  if (!p.m || !p.n || !p.batch) return CUBLAS_SUCCESS;
  bool allowTf32 = compute == CUBLAS_COMPUTE_32F_FAST_TF32 ||
                   (compute == CUBLAS_COMPUTE_32F && (handle->mathMode & 3) == CUBLAS_MATH_TF32);
  p.tf32 = allowTf32 && p.a.type == Number::kF32;
  if (!operandsReachable(p)) return CUBLAS_EXECUTION_FAILED;
  bool onHost = handle->pointerMode == CUBLAS_POINTERS_HOST;
  float alpha = onHost ? *p.alpha : 0, beta = onHost ? *p.beta : 0;
  int status = submit(handle->stream, [=] {
    float scale = onHost ? alpha : *p.alpha, keep = onHost ? beta : *p.beta;
    for (int i = 0; i < p.batch; ++i) multiply(p, i, scale, keep);
    uint64_t mn = p.m * p.n, elements = p.m * p.k + p.k * p.n;
    countLibrary(p.function, 2 * mn * p.k * p.batch,
                 p.batch * (elements * bytesOf(p.a.type) + mn * bytesOf(p.c.type) * (keep != 0 ? 2 : 1)));
  });
  return status ? CUBLAS_EXECUTION_FAILED : CUBLAS_SUCCESS;
}

}  // namespace

extern "C" {

int cublasGemmStridedBatchedEx(BlasHandle* handle, int ta, int tb, int m, int n, int k, const void* alpha,
                               const void* a, int aType, int lda, long long strideA, const void* b, int bType, int ldb,
                               long long strideB, const void* beta, void* c, int cType, int ldc, long long strideC,
                               int batch, int compute, int) {
  return blasCall("cublasGemmStridedBatchedEx", handle, [&] {
    return run(handle,
               {"cublasGemmStridedBatchedEx",
                m,
                n,
                k,
                {a, numberOf(aType), lda, strideA, ta != 0},
                {b, numberOf(bType), ldb, strideB, tb != 0},
                {c, numberOf(cType), ldc, strideC, false},
                static_cast<const float*>(alpha),
                static_cast<const float*>(beta),
                batch,
                false},
               compute);
  });
}

int cublasGemmEx(BlasHandle* handle, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int aType,
                 int lda, const void* b, int bType, int ldb, const void* beta, void* c, int cType, int ldc, int compute,
                 int) {
  return blasCall("cublasGemmEx", handle, [&] {
    return run(handle,
               {"cublasGemmEx",
                m,
                n,
                k,
                {a, numberOf(aType), lda, 0, ta != 0},
                {b, numberOf(bType), ldb, 0, tb != 0},
                {c, numberOf(cType), ldc, 0, false},
                static_cast<const float*>(alpha),
                static_cast<const float*>(beta),
                1,
                false},
               compute);
  });
}

int cublasSgemm_v2(BlasHandle* handle, int ta, int tb, int m, int n, int k, const float* alpha, const float* a, int lda,
                   const float* b, int ldb, const float* beta, float* c, int ldc) {
  return blasCall("cublasSgemm_v2", handle, [&] {
    return run(handle,
               {"cublasSgemm_v2",
                m,
                n,
                k,
                {a, Number::kF32, lda, 0, ta != 0},
                {b, Number::kF32, ldb, 0, tb != 0},
                {c, Number::kF32, ldc, 0, false},
                alpha,
                beta,
                1,
                false},
               CUBLAS_COMPUTE_32F);
  });
}

int cublasSgemmStridedBatched(BlasHandle* handle, int ta, int tb, int m, int n, int k, const float* alpha,
                              const float* a, int lda, long long strideA, const float* b, int ldb, long long strideB,
                              const float* beta, float* c, int ldc, long long strideC, int batch) {
  return blasCall("cublasSgemmStridedBatched", handle, [&] {
    return run(handle,
               {"cublasSgemmStridedBatched",
                m,
                n,
                k,
                {a, Number::kF32, lda, strideA, ta != 0},
                {b, Number::kF32, ldb, strideB, tb != 0},
                {c, Number::kF32, ldc, strideC, false},
                alpha,
                beta,
                batch,
                false},
               CUBLAS_COMPUTE_32F);
  });
}
}
