// What the virtual device says of itself: an Ampere or later GPU in miniature.
#pragma once
#include "../common/environment.h"

namespace shim {
namespace limits {

constexpr unsigned kThreadsPerBlock = 1024;
constexpr unsigned kBlockZ = 64;
constexpr unsigned kGridX = 2147483647;
constexpr unsigned kGridYZ = 65535;
constexpr int kSharedPerBlock = 48 * 1024;
constexpr int kRegistersPerBlock = 65536;
constexpr int kMultiprocessors = 4;

// Compute capability times ten, CUDA_ON_CPU_ARCH: 75, 80, 86, 89 or 90.
inline int arch() { return static_cast<int>(settingNumber("ARCH", 80)); }

struct ArchLimits {
  int threadsPerMultiprocessor, blocksPerMultiprocessor, sharedPerMultiprocessor, sharedPerBlockOptIn;
};

inline ArchLimits archLimits() {
  switch (arch()) {
    case 75: return {1024, 16, 64 * 1024, 64 * 1024};
    case 86: return {1536, 16, 100 * 1024, 99 * 1024};
    case 89: return {1536, 24, 100 * 1024, 99 * 1024};
    case 90: return {2048, 32, 228 * 1024, 227 * 1024};
    default: return {2048, 32, 164 * 1024, 163 * 1024};
  }
}

}  // namespace limits
}  // namespace shim
