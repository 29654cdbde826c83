// What happens at the edges of a process: handles that are never destroyed, memory that is never
// freed, accesses that fault, and the report at exit.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>

#include "../../emu/scheduler.h"
#include "driver.h"
#include "memory.h"
#include "report.h"

namespace shim {
namespace {

// The exit code of a process that did its work but broke CUDA's rules on the way.
constexpr int kExitBroken = 97;

struct Handle {
  const char* kind;
  Context* context;  // with which it goes if that is lost; null for what lives on the host
};

std::map<const void*, Handle>& handles() {
  static auto* all = new std::map<const void*, Handle>;
  return *all;
}

std::string describe(const Allocation& a) {
  const char* kind = a.kind == MemoryKind::kDevice ? "device" : a.kind == MemoryKind::kPinned ? "pinned" : "registered";
  char text[120];
  snprintf(text, sizeof text, "%zu bytes of %s memory on device %d (allocation %llu)", a.bytes, kind,
           a.context->device->ordinal, static_cast<unsigned long long>(a.id));
  return text;
}

// on_exit, unlike atexit, knows the exit status: a failure of the program itself is never hidden.
void atExit(int status, void*) {
  std::lock_guard<std::recursive_mutex> lock(driver().mutex);
  memory().verifyCanaries("exit");
  if (size_t left = pendingOperations()) violation("%zu operations were still queued at exit", left);
  bool lost = false;
  for (Context* context : driver().contexts) lost |= context->lost != CUDA_SUCCESS;
  if (!lost) {  // a lost context frees nothing any more
    for (Allocation* a : memory().live(nullptr)) leak(describe(*a));
    for (const auto& [handle, about] : handles()) leak(about.kind);
    for (const auto& device : driver().devices) {
      if (device->primaryUsers) leak("the primary context of device " + std::to_string(device->ordinal));
    }
  }
  writeCounters();
  bool broken = summarize();
  fflush(nullptr);
  if (broken && status == 0) _exit(kExitBroken);
}

struct sigaction previousSegv, previousBus;

// A kernel touched what it must not: the launch fails, as it would on a device. Faults of anybody
// else go to whoever handled them before; the JVM uses them for its own ends.
void onFault(int signal, siginfo_t* info, void* context) {
  if (emu::insideKernel()) {
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, signal);
    pthread_sigmask(SIG_UNBLOCK, &mask, nullptr);
    if (info->si_code == SI_KERNEL || signal == SIGBUS) {
      emu::failFromSignal(emu::kMisaligned, "misaligned or non-canonical address");
    }
    std::string where = "access to " + memory().describe(info->si_addr);
    emu::failFromSignal(emu::kIllegalAddress, where.c_str());
  }
  struct sigaction& before = signal == SIGBUS ? previousBus : previousSegv;
  if (before.sa_flags & SA_SIGINFO) {
    before.sa_sigaction(signal, info, context);
  } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
    before.sa_handler(signal);
  } else {
    sigaction(signal, &before, nullptr);  // returns to the access, which then ends the process
  }
}

}  // namespace

void watchProcess() {
  on_exit(atExit, nullptr);
  struct sigaction action{};
  action.sa_sigaction = onFault;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigaction(SIGSEGV, &action, &previousSegv);
  sigaction(SIGBUS, &action, &previousBus);
}

void emptyContext(Context* context) {
  drain(context);
  for (Allocation* a : memory().live(context)) {
    if (!context->lost) leak(describe(*a) + ", when its context ended");
    memory().release(*a);
  }
  context->device->memoryUsed = 0;
  if (!context->lost) return;
  // What could not be destroyed on a lost context is gone with it.
  for (auto it = handles().begin(); it != handles().end();) {
    it = it->second.context == context ? handles().erase(it) : std::next(it);
  }
}

void handleCreated(const void* handle, const char* kind) {
  std::lock_guard<std::recursive_mutex> lock(driver().mutex);
  handles()[handle] = {kind, nullptr};
}

void contextHandleCreated(const void* handle, const char* kind) { handles()[handle] = {kind, currentContext()}; }

bool handleAlive(const void* handle, const char* kind) {
  std::lock_guard<std::recursive_mutex> lock(driver().mutex);
  auto found = handles().find(handle);
  return found != handles().end() && std::string(found->second.kind) == kind;
}

bool handleDestroyed(const void* handle, const char* kind) {
  std::lock_guard<std::recursive_mutex> lock(driver().mutex);
  if (!handleAlive(handle, kind)) {
    violation("a %s was used that does not exist (destroyed before?)", kind);
    return false;
  }
  handles().erase(handle);
  return true;
}

}  // namespace shim
