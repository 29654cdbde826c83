// A block's dynamic shared memory: garbage at first, with canaries behind it.
#pragma once
#include <cstdint>
#include <cstring>
#include <vector>

// Present only in a process that runs with AddressSanitizer.
extern "C" void __asan_poison_memory_region(const volatile void*, size_t) __attribute__((weak));
extern "C" void __asan_unpoison_memory_region(const volatile void*, size_t) __attribute__((weak));

namespace emu {

class DynamicShared {
 public:
  // Fresh memory of that size; the earlier one is gone.
  char* renew(size_t bytes) {
    if (__asan_unpoison_memory_region) __asan_unpoison_memory_region(memory_.data(), memory_.size());
    if (memory_.size() < bytes + kAlignment + kCanary) memory_.resize(bytes + kAlignment + kCanary);
    size_t misaligned = reinterpret_cast<uintptr_t>(memory_.data()) % kAlignment;
    start_ = memory_.data() + (kAlignment - misaligned) % kAlignment;
    bytes_ = bytes;
    memset(start_, 0xCD, bytes);
    memset(start_ + bytes, kCanaryByte, kCanary);
    if (__asan_poison_memory_region) __asan_poison_memory_region(start_ + bytes, kCanary);
    return start_;
  }

  __attribute__((no_sanitize_address)) bool intact() const {
    for (size_t i = 0; i < kCanary; ++i) {
      if (start_[bytes_ + i] != kCanaryByte) return false;
    }
    return true;
  }

 private:
  static constexpr size_t kAlignment = 128, kCanary = 128;
  static constexpr char kCanaryByte = 0x5A;
  std::vector<char> memory_;
  char* start_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace emu
