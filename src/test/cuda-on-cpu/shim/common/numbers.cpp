#include "numbers.h"

#include <cstring>

#include "../../emu/float16.h"

namespace shim {
namespace {

void loadHalves(const uint16_t* from, size_t count, float* out) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) emu::eightHalvesToFloats(from + i, out + i);
  for (; i < count; ++i) out[i] = emu::halfToFloat(from[i]);
}

}  // namespace

void loadNumbers(Number type, const void* array, size_t first, size_t stride, size_t count, float* out) {
  const auto* wide = static_cast<const float*>(array) + first;
  const auto* narrow = static_cast<const uint16_t*>(array) + first;
  if (type == Number::kF32) {
    if (stride == 1) {
      memcpy(out, wide, count * sizeof(float));
    } else {
      for (size_t i = 0; i < count; ++i) out[i] = wide[i * stride];
    }
  } else if (type == Number::kBf16) {
    for (size_t i = 0; i < count; ++i) out[i] = emu::bfloatToFloat(narrow[i * stride]);
  } else if (stride == 1) {
    loadHalves(narrow, count, out);
  } else {
    for (size_t i = 0; i < count; ++i) out[i] = emu::halfToFloat(narrow[i * stride]);
  }
}

void storeNumbers(Number type, void* array, size_t first, size_t count, const float* values) {
  auto* wide = static_cast<float*>(array) + first;
  auto* narrow = static_cast<uint16_t*>(array) + first;
  if (type == Number::kF32) {
    memcpy(wide, values, count * sizeof(float));
  } else if (type == Number::kBf16) {
    for (size_t i = 0; i < count; ++i) narrow[i] = emu::floatToBfloat(values[i]);
  } else {
    for (size_t i = 0; i < count; ++i) narrow[i] = emu::floatToHalf(values[i]);
  }
}

float loadNumber(Number type, const void* array, size_t index) {
  float value;
  loadNumbers(type, array, index, 1, 1, &value);
  return value;
}

void storeNumber(Number type, void* array, size_t index, float value) { storeNumbers(type, array, index, 1, &value); }

}  // namespace shim
