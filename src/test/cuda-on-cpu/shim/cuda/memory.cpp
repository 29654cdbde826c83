#include "memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>

#include "../common/environment.h"
#include "../common/library.h"
#include "driver.h"

// Present only in a process that runs with AddressSanitizer.
extern "C" void __asan_poison_memory_region(const volatile void*, size_t) __attribute__((weak));
extern "C" void __asan_unpoison_memory_region(const volatile void*, size_t) __attribute__((weak));

namespace shim {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kAlignment = 256;  // cuMemAlloc's
constexpr size_t kCanary = 256;
constexpr int kCanaryByte = 0xA5;
constexpr size_t kRemembered = 4096;  // freed allocations that can still be named
constexpr size_t kSpan = size_t{1} << 36;  // of addresses, reserved at a time
constexpr int kUnused = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

size_t roundUp(size_t n, size_t unit) { return (n + unit - 1) / unit * unit; }

char* canaryStart(const Allocation& a) { return a.mapping + kPage; }
char* canaryEnd(const Allocation& a) { return a.mapping + a.mapped - kPage; }

int poison() {
  static const int byte = static_cast<int>(settingNumber("POISON", 0xCD));
  return byte;
}

}  // namespace

Memory& memory() {
  static Memory* m = new Memory;
  return *m;
}

char* Memory::reserve(size_t bytes) {
  if (bytes > static_cast<size_t>(spanEnd_ - spanNext_)) {
    size_t span = std::max(kSpan, bytes);
    void* start = mmap(nullptr, span, PROT_NONE, kUnused, -1, 0);
    if (start == MAP_FAILED) return nullptr;
    spanNext_ = static_cast<char*>(start);
    spanEnd_ = spanNext_ + span;
  }
  return std::exchange(spanNext_, spanNext_ + bytes);
}

char* Memory::allocate(Context* context, MemoryKind kind, size_t bytes) {
  size_t data = roundUp(bytes, kAlignment);
  size_t inner = roundUp(data + kCanary, kPage);
  size_t mapped = inner + 2 * kPage;
  char* mapping = reserve(mapped);
  if (!mapping) return nullptr;
  void* usable =
      mmap(mapping + kPage, inner, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  if (usable == MAP_FAILED) return nullptr;
  Allocation a{nextId_++, kind, context, mapping, mapped, nullptr, bytes, false};
  a.data = canaryEnd(a) - data;  // so that whatever runs past the end soon hits the guard page
  memset(canaryStart(a), kCanaryByte, a.data - canaryStart(a));
  memset(a.data, poison(), bytes);
  memset(a.data + bytes, kCanaryByte, data - bytes);
  if (__asan_poison_memory_region) {
    __asan_poison_memory_region(canaryStart(a), a.data - canaryStart(a));
    __asan_poison_memory_region(a.data + bytes, data - bytes);
  }
  byMapping_[a.mapping] = a;
  return a.data;
}

void Memory::registerHost(Context* context, char* data, size_t bytes) {
  byMapping_[data] = {nextId_++, MemoryKind::kRegistered, context, data, bytes, data, bytes, false};
}

bool Memory::canariesIntact(const Allocation& a, std::string& where) const {
  auto bad = [&](const char* from, const char* to) -> const char* {
    for (const char* p = from; p < to; ++p) {
      if (static_cast<unsigned char>(*p) != kCanaryByte) return p;
    }
    return nullptr;
  };
  const char* hit = bad(canaryStart(a), a.data);
  if (!hit) hit = bad(a.data + a.bytes, canaryEnd(a));
  if (!hit) return true;
  char text[160];
  long distance = hit < a.data ? static_cast<long>(a.data - hit) : static_cast<long>(hit - (a.data + a.bytes) + 1);
  snprintf(text, sizeof text, "allocation %llu of %zu bytes was overrun: byte %ld %s was written",
           static_cast<unsigned long long>(a.id), a.bytes, distance,
           hit < a.data ? "before its start" : "after its end");
  where = text;
  return false;
}

__attribute__((no_sanitize_address)) void Memory::verifyCanaries(const char* when) {
  for (auto& [mapping, a] : byMapping_) {
    std::string where;
    if (a.freed || a.kind == MemoryKind::kRegistered || canariesIntact(a, where)) continue;
    violation("%s (seen at %s)", where.c_str(), when);
    memset(canaryStart(a), kCanaryByte, a.data - canaryStart(a));  // said once
    memset(a.data + a.bytes, kCanaryByte, canaryEnd(a) - (a.data + a.bytes));
  }
}

void Memory::release(Allocation& a) {
  if (a.kind == MemoryKind::kRegistered) {
    byMapping_.erase(a.mapping);
    return;
  }
  std::string where;
  if (!canariesIntact(a, where)) violation("%s (seen at its release)", where.c_str());
  if (__asan_unpoison_memory_region) __asan_unpoison_memory_region(a.mapping, a.mapped);
  a.freed = true;
  // The pages go back to the system, the addresses stay taken.
  mmap(a.mapping, a.mapped, PROT_NONE, kUnused | MAP_FIXED, -1, 0);
  freed_.push_back(a.mapping);
  if (freed_.size() > kRemembered) {
    byMapping_.erase(freed_.front());
    freed_.pop_front();
  }
}

Allocation* Memory::around(const void* p) {
  char* address = static_cast<char*>(const_cast<void*>(p));
  auto next = byMapping_.upper_bound(address);
  if (next == byMapping_.begin()) return nullptr;
  Allocation& a = std::prev(next)->second;
  return address < a.mapping + a.mapped ? &a : nullptr;
}

Allocation* Memory::at(const void* p) {
  Allocation* a = around(p);
  return a && !a->freed && a->data == p ? a : nullptr;
}

bool Memory::pinned(const void* p, size_t bytes) {
  Allocation* a = around(p);
  return a && !a->freed && a->kind != MemoryKind::kDevice && static_cast<const char*>(p) >= a->data &&
         static_cast<const char*>(p) + bytes <= a->data + a->bytes;
}

std::deque<Allocation*> Memory::live(Context* context) {
  std::deque<Allocation*> found;
  for (auto& [mapping, a] : byMapping_) {
    if (!a.freed && (!context || a.context == context)) found.push_back(&a);
  }
  return found;
}

std::string Memory::describe(const void* p) {
  char text[200];
  Allocation* a = around(p);
  if (!a) {
    snprintf(text, sizeof text, "%p, which is no device memory", p);
    return text;
  }
  const char* address = static_cast<const char*>(p);
  long offset = address - a->data, beyond = offset - static_cast<long>(a->bytes);
  char where[64] = "the start of";
  if (offset < 0) snprintf(where, sizeof where, "%ld bytes before the start of", -offset);
  if (offset > 0) snprintf(where, sizeof where, "%ld bytes into", offset);
  if (beyond >= 0) snprintf(where, sizeof where, "%ld bytes after the end of", beyond);
  snprintf(text, sizeof text, "%p, %s allocation %llu (%zu bytes%s)", p, where, static_cast<unsigned long long>(a->id),
           a->bytes, a->freed ? ", already freed" : "");
  return text;
}

}  // namespace shim
