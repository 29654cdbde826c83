#include "trace.h"

#include <dlfcn.h>

#include <bitset>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "../common/environment.h"
#include "driver.h"
#include "launch.h"
#include "memory.h"

namespace shim {
namespace {

constexpr size_t kPage = 4096, kSector = 32;
// Accesses are told apart in pieces of two bytes: the smallest element that kernels share.
constexpr size_t kCell = 2;

// Who touched a piece of shared memory since the last block barrier. A clock is the number of warp
// operations that a thread has passed.
struct SharedCell {
  uint64_t interval = 0;  // of barriers; older marks do not count
  int writer = -1;
  unsigned writerClock = 0;
  void* writtenAt = nullptr;
  int reader = -1;  // the latest by its clock
  unsigned readerClock = 0;
  bool readByMany = false;  // at that clock, by more threads than `reader`
  bool readBySeveralWarps = false;
};

// One page of device memory during a launch.
struct Page {
  std::bitset<kPage / kSector> read, written;
  uint32_t writer[kPage / kCell] = {};  // block number + 1
  uint32_t reader[kPage / kCell] = {};
};

struct Trace {
  const Launch* launch = nullptr;
  uint32_t block = 0;
  uint64_t interval = 0;
  const char* fixedShared = nullptr;
  size_t fixedBytes = 0;
  std::vector<SharedCell> fixedCells, dynamicCells;
  std::unordered_map<uintptr_t, std::unique_ptr<Page>> pages;
  uintptr_t lastPage = 0;
  Page* last = nullptr;
  // Which pages are device memory, for those asked about lately; page number + 1 each.
  uintptr_t deviceCache[512] = {}, otherCache[512] = {};
  bool raceReported = false;
};

thread_local Trace* trace;

// "group_norm.cu:61", if the system has addr2line.
std::string sourceLine(void* address) {
  Dl_info info;
  if (!address || !dladdr(address, &info)) return "?";
  char command[600], line[400] = "";
  auto offset = reinterpret_cast<uintptr_t>(address) - reinterpret_cast<uintptr_t>(info.dli_fbase) - 1;
  snprintf(command, sizeof command, "addr2line -e '%s' %#zx 2>/dev/null", info.dli_fname, offset);
  if (FILE* pipe = popen(command, "r")) {
    if (!fgets(line, sizeof line, pipe)) line[0] = 0;
    pclose(pipe);
  }
  std::string text = line;
  text = text.substr(0, text.find_first_of(" \n"));
  return text.empty() ? "?" : text.substr(text.find_last_of('/') + 1);
}

void reportRace(const char* where, const std::string& other, void* at, bool writing) {
  if (trace->raceReported) return;  // one per launch says enough
  trace->raceReported = true;
  const uint3& t = emu_thread->index;
  const uint3& b = emu_block->index;
  violation("%s: race in %s memory: block %u,%u,%u thread %u,%u,%u %s at %s what %s, with no synchronization between",
            trace->launch->function.ref.kernel->name, where, b.x, b.y, b.z, t.x, t.y, t.z, writing ? "writes" : "reads",
            sourceLine(at).c_str(), other.c_str());
}

// Whether what a thread of this block did at its `clock` is ordered before this moment: it is the same
// thread, or of the same warp and a warp operation lies between.
bool ordered(int thread, unsigned clock) {
  int self = static_cast<int>(emu_thread->linear);
  return thread == self || (thread / 32 == self / 32 && clock < emu_thread->warpOps);
}

// Whether a write now would overtake a read of the cell.
bool overtakesRead(const SharedCell& cell) {
  if (cell.reader < 0) return false;
  int self = static_cast<int>(emu_thread->linear);
  if (cell.readBySeveralWarps || cell.reader / 32 != self / 32) return true;
  return cell.readerClock >= emu_thread->warpOps && (cell.readByMany || cell.reader != self);
}

void noteRead(SharedCell& cell) {
  int self = static_cast<int>(emu_thread->linear);
  unsigned clock = emu_thread->warpOps;
  if (cell.reader >= 0 && cell.reader / 32 != self / 32) cell.readBySeveralWarps = true;
  if (cell.reader < 0 || clock > cell.readerClock) {
    cell.reader = self;
    cell.readerClock = clock;
    cell.readByMany = false;
  } else if (clock == cell.readerClock && cell.reader != self) {
    cell.readByMany = true;
  }
}

void touchShared(SharedCell& cell, void* at, bool writing) {
  uint64_t now = trace->interval + emu_block->barriers;
  if (cell.interval != now) {
    cell = SharedCell{};
    cell.interval = now;
  }
  if (cell.writer >= 0 && !ordered(cell.writer, cell.writerClock)) {
    reportRace("shared", "thread " + std::to_string(cell.writer) + " wrote at " + sourceLine(cell.writtenAt), at,
               writing);
  }
  if (!writing) return noteRead(cell);
  if (overtakesRead(cell)) reportRace("shared", "thread " + std::to_string(cell.reader) + " read", at, writing);
  cell.writer = static_cast<int>(emu_thread->linear);
  cell.writerClock = emu_thread->warpOps;
  cell.writtenAt = at;
  cell.reader = -1;
  cell.readByMany = cell.readBySeveralWarps = false;
}

Page& pageOf(uintptr_t address) {
  uintptr_t number = address / kPage;
  if (number != trace->lastPage || !trace->last) {
    auto& page = trace->pages[number];
    if (!page) page = std::make_unique<Page>();
    trace->lastPage = number;
    trace->last = page.get();
  }
  return *trace->last;
}

// Blocks of one launch are in no order: what one writes no other may touch.
void touchGlobal(uintptr_t address, size_t bytes, void* at, bool writing) {
  uint32_t self = trace->block + 1;
  for (uintptr_t p = address / kCell * kCell; p < address + bytes; p += kCell) {
    Page& page = pageOf(p);
    size_t cell = p % kPage / kCell;
    (writing ? page.written : page.read).set(p % kPage / kSector);
    uint32_t writer = page.writer[cell], reader = page.reader[cell];
    if (writer && writer != self) {
      reportRace("device", "block " + std::to_string(writer - 1) + " wrote", at, writing);
    } else if (writing && reader && reader != self) {
      reportRace("device", "block " + std::to_string(reader - 1) + " read", at, writing);
    }
    (writing ? page.writer : page.reader)[cell] = self;
  }
}

// Most accesses are to a thread's own stack, and the question is asked for each of them.
bool isDeviceMemory(uintptr_t address) {
  uintptr_t page = address / kPage;
  size_t slot = page % 512;
  if (trace->deviceCache[slot] == page + 1) return true;
  if (trace->otherCache[slot] == page + 1) return false;
  Allocation* a = memory().around(reinterpret_cast<void*>(address));
  bool device = a && !a->freed;
  (device ? trace->deviceCache : trace->otherCache)[slot] = page + 1;
  return device;
}

bool inside(uintptr_t address, const char* start, size_t bytes) {
  return address - reinterpret_cast<uintptr_t>(start) < bytes;
}

void touch(const void* p, size_t bytes, void* at, bool writing) {
  if (!trace || !emu_block) return;
  auto address = reinterpret_cast<uintptr_t>(p);
  if (inside(address, trace->fixedShared, trace->fixedBytes)) {
    size_t offset = address - reinterpret_cast<uintptr_t>(trace->fixedShared);
    for (size_t i = offset / kCell; i * kCell < offset + bytes; ++i) touchShared(trace->fixedCells[i], at, writing);
  } else if (inside(address, emu_block->dynamicShared, trace->launch->sharedBytes)) {
    size_t offset = address - reinterpret_cast<uintptr_t>(emu_block->dynamicShared);
    for (size_t i = offset / kCell; i * kCell < offset + bytes; ++i) touchShared(trace->dynamicCells[i], at, writing);
  } else if (isDeviceMemory(address)) {
    touchGlobal(address, bytes, at, writing);
  }
}

}  // namespace

bool tracing() {
  static const bool wanted = settingFlag("TRACE");
  return wanted;
}

void traceLaunch(const Launch& launch) {
  trace = new Trace;
  trace->launch = &launch;
  trace->dynamicCells.resize(launch.sharedBytes / kCell + 1);
}

void traceBlock(size_t number, const char* sharedStart, size_t sharedBytes) {
  trace->block = static_cast<uint32_t>(number);
  trace->fixedShared = sharedStart;
  trace->fixedBytes = sharedBytes;
  if (trace->fixedCells.empty()) trace->fixedCells.resize(sharedBytes / kCell + 1);
  trace->interval += 1u << 20;  // no block passes so many barriers
}

Traffic endTrace() {
  Traffic traffic{0, 0};
  for (const auto& [number, page] : trace->pages) {
    traffic.read += page->read.count() * kSector;
    traffic.written += page->written.count() * kSector;
  }
  delete trace;
  trace = nullptr;
  return traffic;
}

}  // namespace shim

// ---- what the compiler inserts

using shim::touch;
#define HERE __builtin_return_address(0)

extern "C" {
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_read_range(void* p, size_t bytes) { touch(p, bytes, HERE, false); }
void __tsan_write_range(void* p, size_t bytes) { touch(p, bytes, HERE, true); }

#define ACCESS(bytes)                                                          \
  void __tsan_read##bytes(void* p) { touch(p, bytes, HERE, false); }           \
  void __tsan_write##bytes(void* p) { touch(p, bytes, HERE, true); }           \
  void __tsan_unaligned_read##bytes(void* p) { touch(p, bytes, HERE, false); } \
  void __tsan_unaligned_write##bytes(void* p) { touch(p, bytes, HERE, true); }
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)

// Atomics race with nobody; they are carried out and not noted.
#define ATOMIC(bits, T)                                                                                   \
  T __tsan_atomic##bits##_load(const volatile T* p, int) { return __atomic_load_n(p, __ATOMIC_SEQ_CST); } \
  int __tsan_atomic##bits##_compare_exchange_weak(volatile T* p, T* seen, T wanted, int, int) {           \
    return __atomic_compare_exchange_n(p, seen, wanted, true, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);        \
  }
ATOMIC(16, uint16_t)
ATOMIC(32, uint32_t)
ATOMIC(64, uint64_t)
void __tsan_atomic_thread_fence(int) {}
}
