// Bits of half and bfloat16, rounded to nearest even. Shared by the kernels' headers and the
// libraries' shims. Needs F16C, as every x86-64 machine since 2013 has.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace emu {

inline float halfToFloat(uint16_t bits) { return _cvtsh_ss(bits); }
inline uint16_t floatToHalf(float x) { return _cvtss_sh(x, _MM_FROUND_TO_NEAREST_INT); }

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
