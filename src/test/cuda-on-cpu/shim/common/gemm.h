// The one matrix product behind cuBLAS and cuDNN: C[i][j] = sum over k of A[i][k] * B[j][k], with float
// accumulation. Each element of C is summed in rising k, in blocks of fixed length, so it does not
// depend on how large C is.
#pragma once
#include <cstddef>
#include <functional>

namespace shim {

// load(row, k, count, out): out[x] = operand[row][k + x], as float.
using LoadRow = std::function<void(size_t row, size_t k, size_t count, float* out)>;
// Receives a finished piece of a row of C: store(row, column, count, values).
using StoreRow = std::function<void(size_t row, size_t column, size_t count, const float* values)>;

void gemm(size_t rows, size_t columns, size_t depth, const LoadRow& a, const LoadRow& b, const StoreRow& store);

}  // namespace shim
