// Stand-in for CUDA's mma.h. As on the device, which lane holds which element of a fragment is
// nobody's business; the product of a warp is computed when its last lane arrives.
#pragma once
#include <cstring>
#include <type_traits>

#include "../warp.h"
#include "cuda_bf16.h"
#include "cuda_fp16.h"

namespace nvcuda {
namespace wmma {

struct matrix_a;
struct matrix_b;
struct accumulator;
struct row_major {};
struct col_major {};
enum layout_t { mem_row_major, mem_col_major };

namespace precision {
struct tf32 {};
}  // namespace precision

inline float __float_to_tf32(float x) { return emu::roundToTf32(x); }

namespace detail {

template <class T>
struct Storage {
  using type = T;
};
template <>
struct Storage<precision::tf32> {
  using type = float;
};

template <class Use, int M, int N, int K>
struct Extent;
template <int M, int N, int K>
struct Extent<matrix_a, M, N, K> {
  enum { rows = M, columns = K };
};
template <int M, int N, int K>
struct Extent<matrix_b, M, N, K> {
  enum { rows = K, columns = N };
};
template <int M, int N, int K>
struct Extent<accumulator, M, N, K> {
  enum { rows = M, columns = N };
};

template <class Use, int M, int N, int K, class T>
constexpr bool supported() {
  constexpr bool shape16 = K == 16 && ((M == 16 && N == 16) || (M == 32 && N == 8) || (M == 8 && N == 32));
  constexpr bool shapeTf32 = M == 16 && N == 16 && K == 8;
  if (std::is_same_v<Use, accumulator>) {
    return std::is_same_v<T, float> ? shape16 || shapeTf32 : shape16 && std::is_same_v<T, __half>;
  }
  if (std::is_same_v<T, precision::tf32>) return shapeTf32;
  return shape16 && (std::is_same_v<T, __half> || std::is_same_v<T, __nv_bfloat16>);
}

}  // namespace detail

template <class Use, int M, int N, int K, class T, class Layout = void>
struct fragment {
  static_assert(detail::supported<Use, M, N, K, T>(), "no tensor core has this shape and type");
  using storage_element_type = typename detail::Storage<T>::type;
  using element_type = storage_element_type;
  enum {
    rows = detail::Extent<Use, M, N, K>::rows,
    columns = detail::Extent<Use, M, N, K>::columns,
    num_elements = rows * columns / 32,
    num_storage_elements = num_elements
  };
  // Each lane holds consecutive elements of the tile, counted row by row.
  storage_element_type x[num_elements];
};

template <class Fragment, class V>
void fill_fragment(Fragment& f, const V& value) {
  for (int i = 0; i < Fragment::num_elements; ++i) f.x[i] = value;
}

namespace detail {

// What the device demands of a tile in memory.
template <class T>
void checkTile(const T* p, unsigned stride) {
  if (reinterpret_cast<uintptr_t>(p) % 32) emu_fail(emu::kMisaligned, "wmma: tile not aligned to 32 bytes");
  if (stride * sizeof(T) % 16) emu_fail(emu::kMisaligned, "wmma: stride not a multiple of 16 bytes");
}

template <class Fragment, class T>
void load(Fragment& f, const T* p, unsigned stride, bool rowMajor) {
  checkTile(p, stride);
  for (unsigned i = 0, e = emu::lane() * Fragment::num_elements; i < Fragment::num_elements; ++i, ++e) {
    unsigned r = e / Fragment::columns, c = e % Fragment::columns;
    f.x[i] = p[rowMajor ? r * stride + c : c * stride + r];
  }
}

inline void widen(const __half* from, float* to, int n) {
  for (int i = 0; i < n; i += 8) emu::eightHalvesToFloats(from + i, to + i);
}
inline void widen(const __nv_bfloat16* from, float* to, int n) {
  for (int i = 0; i < n; ++i) to[i] = from[i];
}
// The hardware ignores the low bits of a float that was not rounded to tf32 first.
inline void widen(const float* from, float* to, int n) {
  for (int i = 0; i < n; ++i) to[i] = __uint_as_float(__float_as_uint(from[i]) & ~0x1FFFu);
}

template <class T, class Fragment>
void gather(const Fragment& of, T* tile, int lane) {
  memcpy(static_cast<void*>(tile + lane * Fragment::num_elements), of.x, sizeof of.x);
}

template <class A, class B, class C, class D>
struct Product {
  const A* a;
  const B* b;
  const C* c;
  D* d;

  static void combine(void* const* offers, unsigned) {
    constexpr int M = A::rows, K = A::columns, N = B::columns;
    typename A::storage_element_type rawA[M * K];
    typename B::storage_element_type rawB[K * N];
    float a[M * K], b[K * N], sum[M * N];
    for (int l = 0; l < 32; ++l) {
      auto* offer = static_cast<Product*>(offers[l]);
      gather(*offer->a, rawA, l);
      gather(*offer->b, rawB, l);
      for (int i = 0; i < C::num_elements; ++i) sum[l * C::num_elements + i] = offer->c->x[i];
    }
    widen(rawA, a, M * K);
    widen(rawB, b, K * N);
    for (int i = 0; i < M; ++i) {
      float row[N];
      memcpy(row, sum + i * N, sizeof row);
      for (int k = 0; k < K; ++k) {
        for (int j = 0; j < N; ++j) row[j] += a[i * K + k] * b[k * N + j];
      }
      memcpy(sum + i * N, row, sizeof row);
    }
    for (int l = 0; l < 32; ++l) {
      auto* offer = static_cast<Product*>(offers[l]);
      for (int i = 0; i < D::num_elements; ++i) offer->d->x[i] = sum[l * D::num_elements + i];
    }
    emu_count_flops(2ull * M * N * K);
  }
};

}  // namespace detail

template <class Use, int M, int N, int K, class T, class Layout, class P>
void load_matrix_sync(fragment<Use, M, N, K, T, Layout>& f, const P* p, unsigned stride) {
  detail::load(f, p, stride, std::is_same_v<Layout, row_major>);
}

template <int M, int N, int K, class T>
void load_matrix_sync(fragment<accumulator, M, N, K, T>& f, const T* p, unsigned stride, layout_t layout) {
  detail::load(f, p, stride, layout == mem_row_major);
}

template <int M, int N, int K, class T>
void store_matrix_sync(T* p, const fragment<accumulator, M, N, K, T>& f, unsigned stride, layout_t layout) {
  using Fragment = fragment<accumulator, M, N, K, T>;
  detail::checkTile(p, stride);
  for (unsigned i = 0, e = emu::lane() * Fragment::num_elements; i < Fragment::num_elements; ++i, ++e) {
    unsigned r = e / N, c = e % N;
    p[layout == mem_row_major ? r * stride + c : c * stride + r] = f.x[i];
  }
}

template <int M, int N, int K, class TA, class LA, class TB, class LB, class TC, class TD>
void mma_sync(fragment<accumulator, M, N, K, TD>& d, const fragment<matrix_a, M, N, K, TA, LA>& a,
              const fragment<matrix_b, M, N, K, TB, LB>& b, const fragment<accumulator, M, N, K, TC>& c,
              int line = __builtin_LINE()) {
  static_assert(std::is_same_v<TA, TB>);
  detail::Product<fragment<matrix_a, M, N, K, TA, LA>, fragment<matrix_b, M, N, K, TB, LB>,
                  fragment<accumulator, M, N, K, TC>, fragment<accumulator, M, N, K, TD>>
      offer{&a, &b, &c, &d};
  emu_warp_op(~0u, &decltype(offer)::combine, &offer, line);
}

}  // namespace wmma
}  // namespace nvcuda
