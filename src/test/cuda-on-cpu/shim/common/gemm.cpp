#include "gemm.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "../../emu/workers.h"

namespace shim {
namespace {

// One tile of C per task; within it, panels of kRows rows of A and kColumns rows of B, kDepth deep.
#ifdef __AVX512F__
constexpr size_t kLanes = 16, kVectors = 3, kRows = 8;
#else
constexpr size_t kLanes = 8, kVectors = 2, kRows = 6;
#endif
constexpr size_t kColumns = kLanes * kVectors;
constexpr size_t kTileRows = kRows * 24, kTileColumns = kColumns * (kLanes == 16 ? 4 : 12);
constexpr size_t kDepth = 256;

typedef float Vector __attribute__((vector_size(kLanes * sizeof(float)), aligned(4)));

// c[kRows][kColumns] += a[depth][kRows] * b[depth][kColumns]
void multiplyPanels(size_t depth, const float* a, const float* b, float* c) {
  Vector sum[kRows][kVectors];
  for (size_t i = 0; i < kRows; ++i) {
    for (size_t v = 0; v < kVectors; ++v)
      sum[i][v] = *reinterpret_cast<const Vector*>(c + i * kTileColumns + v * kLanes);
  }
  for (size_t k = 0; k < depth; ++k) {
    const Vector* row = reinterpret_cast<const Vector*>(b + k * kColumns);
#pragma GCC unroll 8
    for (size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 3
      for (size_t v = 0; v < kVectors; ++v) sum[i][v] += a[k * kRows + i] * row[v];
    }
  }
  for (size_t i = 0; i < kRows; ++i) {
    for (size_t v = 0; v < kVectors; ++v) *reinterpret_cast<Vector*>(c + i * kTileColumns + v * kLanes) = sum[i][v];
  }
}

struct Buffers {
  alignas(64) float a[kTileRows * kDepth];
  alignas(64) float b[kTileColumns * kDepth];
  alignas(64) float c[kTileRows * kTileColumns];
  alignas(64) float line[kDepth];
};

// Rows [first, first + rows) as panels of `width` rows, k rising: panel[k][row]. Missing rows are zero.
void pack(const LoadRow& load, size_t first, size_t rows, size_t width, size_t k, size_t depth, float* line,
          float* packed) {
  for (size_t i = 0; i < (rows + width - 1) / width * width; ++i) {
    if (i < rows) {
      load(first + i, k, depth, line);
    } else {
      std::fill(line, line + depth, 0.0f);
    }
    float* panel = packed + i / width * width * depth + i % width;
    for (size_t d = 0; d < depth; ++d) panel[d * width] = line[d];
  }
}

void computeTile(size_t row, size_t rows, size_t column, size_t columns, size_t depth, const LoadRow& a,
                 const LoadRow& b, const StoreRow& store) {
  static thread_local std::unique_ptr<Buffers> buffers(new Buffers);
  Buffers& t = *buffers;
  memset(t.c, 0, sizeof t.c);
  for (size_t k = 0; k < depth; k += kDepth) {
    size_t piece = std::min(kDepth, depth - k);
    pack(a, row, rows, kRows, k, piece, t.line, t.a);
    pack(b, column, columns, kColumns, k, piece, t.line, t.b);
    for (size_t j = 0; j < columns; j += kColumns) {
      for (size_t i = 0; i < rows; i += kRows) {
        multiplyPanels(piece, t.a + i * piece, t.b + j * piece, t.c + i * kTileColumns + j);
      }
    }
  }
  for (size_t i = 0; i < rows; ++i) store(row + i, column, columns, t.c + i * kTileColumns);
}

}  // namespace

void gemm(size_t rows, size_t columns, size_t depth, const LoadRow& a, const LoadRow& b, const StoreRow& store) {
  size_t down = (rows + kTileRows - 1) / kTileRows, across = (columns + kTileColumns - 1) / kTileColumns;
  emu::parallel(down * across, [&](size_t tile) {
    size_t row = tile / across * kTileRows, column = tile % across * kTileColumns;
    computeTile(row, std::min(kTileRows, rows - row), column, std::min(kTileColumns, columns - column), depth, a, b,
                store);
  });
}

}  // namespace shim
