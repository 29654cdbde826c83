// Bits of half and bfloat16, rounded to nearest even. Shared by the kernels' headers and the
// libraries' shims. Needs F16C, as every x86-64 machine since 2013 has; the compiler's builtins spare
// every kernel file the large <immintrin.h>.
#pragma once
#include <cstdint>
#include <cstring>

namespace emu {

typedef short Halves __attribute__((vector_size(16)));
typedef float Floats4 __attribute__((vector_size(16)));
typedef float Floats8 __attribute__((vector_size(32)));

inline float halfToFloat(uint16_t bits) { return __builtin_ia32_vcvtph2ps(Halves{static_cast<short>(bits)})[0]; }

inline uint16_t floatToHalf(float x) {
  constexpr int kNearestEven = 0;
  return static_cast<uint16_t>(__builtin_ia32_vcvtps2ph(Floats4{x}, kNearestEven)[0]);
}

inline void eightHalvesToFloats(const void* from, float* to) {
  Halves eight;
  memcpy(&eight, from, sizeof eight);
  Floats8 wide = __builtin_ia32_vcvtph2ps256(eight);
  memcpy(to, &wide, sizeof wide);
}

inline float bfloatToFloat(uint16_t bits) {
  uint32_t wide = static_cast<uint32_t>(bits) << 16;
  float x;
  memcpy(&x, &wide, sizeof x);
  return x;
}

inline uint16_t floatToBfloat(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return 0x7FFF;  // CUDA's canonical NaN
  return static_cast<uint16_t>((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16);
}

// 10 bits of mantissa, what a tensor core reads of a float: to nearest, ties away from zero.
inline float roundToTf32(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  if ((bits & 0x7F800000u) != 0x7F800000u) bits = (bits + 0x1000u) & ~0x1FFFu;
  memcpy(&x, &bits, sizeof x);
  return x;
}

}  // namespace emu
