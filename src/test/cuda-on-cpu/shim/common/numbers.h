// Arrays of float, half and bfloat16, read and written as float.
#pragma once
#include <cstddef>
#include <cstdint>

namespace shim {

enum class Number { kF32, kF16, kBf16, kOther };

inline size_t bytesOf(Number type) { return type == Number::kF32 ? 4 : 2; }

// out[i] = array[first + i * stride]
void loadNumbers(Number type, const void* array, size_t first, size_t stride, size_t count, float* out);
// array[first + i] = values[i], rounded to nearest even
void storeNumbers(Number type, void* array, size_t first, size_t count, const float* values);

float loadNumber(Number type, const void* array, size_t index);
void storeNumber(Number type, void* array, size_t index, float value);

}  // namespace shim
