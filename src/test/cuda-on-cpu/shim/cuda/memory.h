// Device and pinned memory. Every allocation lies between pages that fault when touched, has canaries
// up to them, starts out as 0xCD, and is unreadable for ever after it is freed.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "abi.h"

namespace shim {

struct Context;

enum class MemoryKind { kDevice, kPinned, kRegistered };

struct Allocation {
  uint64_t id;
  MemoryKind kind;
  Context* context;
  char* mapping;  // guard page, canary, data, canary, guard page
  size_t mapped;
  char* data;
  size_t bytes;
  bool freed;
};

class Memory {
 public:
  // Null if the system has no memory left.
  char* allocate(Context* context, MemoryKind kind, size_t bytes);
  void registerHost(Context* context, char* data, size_t bytes);
  // Verifies the canaries, makes the memory unreadable.
  void release(Allocation& allocation);

  // The allocation whose data start at p, or null.
  Allocation* at(const void* p);
  // The allocation, live or freed, that [p, p+1) belongs to, its guards included; or null.
  Allocation* around(const void* p);
  bool pinned(const void* p, size_t bytes);

  void verifyCanaries(const char* when);
  // All live allocations of a context, or of all if it is null.
  std::deque<Allocation*> live(Context* context);

  // For people: "40 bytes after the end of the 1024 bytes at 0x... (allocation 7)".
  std::string describe(const void* p);

 private:
  bool canariesIntact(const Allocation& a, std::string& where) const;
  // Addresses that fault when touched and are given out once. They lie side by side, so that all
  // that are not in use count as few mappings, of which a process may only have so many.
  char* reserve(size_t bytes);

  std::map<char*, Allocation> byMapping_;
  std::deque<char*> freed_;
  char* spanNext_ = nullptr;
  char* spanEnd_ = nullptr;
  uint64_t nextId_ = 1;
};

Memory& memory();

}  // namespace shim
