// The block scheduler. A carrier is a stack on which threads run one after the other; a thread that
// must wait keeps its carrier, and the next threads start on another one. A kernel that never waits
// thus runs as a plain loop over its threads.
#include "scheduler.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "dynamic_shared.h"

extern "C" void emu_switch(void** saved, void* to);

// Saves the callee-saved registers on the old stack and takes them from the new one (x86-64 SysV).
asm(R"(
.text
.globl emu_switch
.hidden emu_switch
.type emu_switch,@function
emu_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp,(%rdi)
  movq %rsi,%rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emu_switch,.-emu_switch
)");

__thread emu::Thread* emu_thread;
__thread emu::Block* emu_block;

namespace emu {
namespace {

constexpr size_t kStackBytes = 64 * 1024;
constexpr size_t kGuardBytes = 4096;

class Scheduler {
 public:
  ~Scheduler() {
    for (char* stack : stacks_) munmap(stack, kStackBytes);
  }
  bool run(const BlockJob& job, uint3 index, FaultReport& fault);
  void barrier(int predicate, int line);
  void warpOp(unsigned mask, Combine combine, void* offer, int line);
  [[noreturn]] void fail(Fault code, const char* message);
  bool busy() const { return running_; }

 private:
  void prepare(const BlockJob& job, uint3 index);
  void numberThreads();
  void carry();
  static void carryEntry();
  void* newCarrier();
  void startCarrier(void** saved);
  void yield();
  bool resumeReady(void** saved);
  bool resumeInWarp(void** saved);
  void threadDone();
  void releaseBarrier();
  bool completeWarpOp(unsigned lane);
  void describeDeadlock();
  unsigned pick(unsigned bits) const;

  Warp& warp() { return warps_[warpIndex_]; }
  unsigned lanesOf(unsigned w) const {
    unsigned n = block_.threads - w * kWarpSize;
    return n >= kWarpSize ? ~0u : (1u << n) - 1;
  }

  const BlockJob* job_ = nullptr;
  FaultReport* fault_ = nullptr;
  Block block_{{}, {0, 0, 0}, {}, nullptr, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  Warp warps_[kMaxThreads / kWarpSize]{};
  Thread threads_[kMaxThreads]{};
  unsigned warpIndex_ = 0;
  bool running_ = false, failed_ = false;
  void* home_ = nullptr;       // the scheduler's own stack
  std::vector<char*> stacks_;  // all carriers' memory
  unsigned stacksUsed_ = 0;
  std::vector<void*> idle_;  // carriers that wait for threads to run
  DynamicShared shared_;
};

thread_local Scheduler* scheduler = nullptr;
thread_local std::unique_ptr<Scheduler> owner;

// The stack tops are staggered, or all would fall into the same sets of the first-level cache.
void* Scheduler::newCarrier() {
  if (stacksUsed_ == stacks_.size()) {
    void* memory =
        mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) abort();
    mprotect(memory, kGuardBytes, PROT_NONE);
    stacks_.push_back(static_cast<char*>(memory));
  }
  char* top = stacks_[stacksUsed_] + kStackBytes - 16 - ((stacksUsed_ * 5) % 64) * 64;
  ++stacksUsed_;
  void** sp = reinterpret_cast<void**>(top);
  *--sp = nullptr;
  *--sp = reinterpret_cast<void*>(&Scheduler::carryEntry);
  for (int i = 0; i < 6; ++i) *--sp = nullptr;
  return sp;
}

void Scheduler::carryEntry() { scheduler->carry(); }

void Scheduler::carry() {
  for (;;) {
    while (warp().fresh) {
      unsigned lane = pick(warp().fresh);
      warp().fresh &= ~(1u << lane);
      emu_thread = &threads_[warpIndex_ * kWarpSize + lane];
      job_->kernel->call(job_->parameters);
      threadDone();
    }
    idle_.push_back(nullptr);
    void** self = &idle_.back();
    if (!resumeReady(self)) emu_switch(self, home_);
  }
}

void Scheduler::startCarrier(void** saved) {
  void* to;
  if (idle_.empty()) {
    to = newCarrier();
  } else {
    to = idle_.back();
    idle_.pop_back();
  }
  emu_switch(saved, to);
}

unsigned Scheduler::pick(unsigned bits) const {
  return job_->order & 1 ? 31 - __builtin_clz(bits) : __builtin_ctz(bits);
}

bool Scheduler::resumeReady(void** saved) {
  if (!warp().ready) return false;
  unsigned lane = pick(warp().ready);
  warp().ready &= ~(1u << lane);
  emu_thread = &threads_[warpIndex_ * kWarpSize + lane];
  emu_switch(saved, emu_thread->sp);
  return true;
}

// Goes on with another thread of the current warp, if one can run.
bool Scheduler::resumeInWarp(void** saved) {
  if (resumeReady(saved)) return true;
  if (!warp().fresh) return false;
  startCarrier(saved);
  return true;
}

void Scheduler::yield() {
  Thread* self = emu_thread;
  if (!resumeInWarp(&self->sp)) emu_switch(&self->sp, home_);
}

void Scheduler::threadDone() {
  warp().done |= 1u << (emu_thread->linear % kWarpSize);
  --block_.alive;
  if (block_.alive && block_.arrived == block_.alive) releaseBarrier();
  for (unsigned waiting = warp().atWarpOp; waiting; waiting = warp().atWarpOp & waiting & (waiting - 1)) {
    completeWarpOp(__builtin_ctz(waiting));
  }
}

void Scheduler::releaseBarrier() {
  for (unsigned w = 0; w * kWarpSize < block_.threads; ++w) {
    warps_[w].ready |= warps_[w].atBarrier;
    warps_[w].atBarrier = 0;
  }
  block_.arrived = 0;
  ++block_.barriers;
  block_.sumResult = block_.sum;
  block_.allResult = block_.all;
  block_.anyResult = block_.any;
}

void Scheduler::barrier(int predicate, int line) {
  if (block_.arrived == 0) {
    block_.barrierLine = line;
    block_.sum = block_.any = 0;
    block_.all = 1;
  } else if (block_.barrierLine != line) {
    char text[160];
    snprintf(text, sizeof text, "divergent barrier: some threads wait at line %d, this one at line %d",
             block_.barrierLine, line);
    fail(kLaunchFailed, text);
  }
  block_.sum += predicate != 0;
  block_.any |= predicate != 0;
  block_.all &= predicate != 0;
  ++block_.arrived;
  emu_thread->line = line;
  unsigned bit = 1u << (emu_thread->linear % kWarpSize);
  warp().atBarrier |= bit;
  if (block_.arrived == block_.alive) {
    releaseBarrier();
    warp().ready &= ~bit;
    return;
  }
  yield();
}

// Runs the operation that `lane` waits at if everyone named by its mask has come.
bool Scheduler::completeWarpOp(unsigned lane) {
  Warp& w = warp();
  unsigned mask = w.mask[lane], group = 0;
  unsigned needed = mask & lanesOf(warpIndex_) & ~w.done;
  if ((w.atWarpOp & needed) != needed) return false;
  for (unsigned waiting = w.atWarpOp & mask; waiting; waiting &= waiting - 1) {
    unsigned other = __builtin_ctz(waiting);
    if (w.mask[other] == mask && w.combine[other] == w.combine[lane]) group |= 1u << other;
  }
  if ((group & needed) != needed) return false;
  w.combine[lane](w.offer, group);
  for (unsigned left = group; left; left &= left - 1) ++threads_[warpIndex_ * kWarpSize + __builtin_ctz(left)].warpOps;
  w.atWarpOp &= ~group;
  w.ready |= group;
  return true;
}

void Scheduler::warpOp(unsigned mask, Combine combine, void* offer, int line) {
  Warp& w = warp();
  unsigned lane = emu_thread->linear % kWarpSize, bit = 1u << lane;
  if (!(mask & bit)) fail(kLaunchFailed, "warp operation: the calling lane is not in its own mask");
  emu_thread->line = line;
  w.mask[lane] = mask;
  w.combine[lane] = combine;
  w.offer[lane] = offer;
  w.atWarpOp |= bit;
  if (completeWarpOp(lane)) {
    w.ready &= ~bit;
    return;
  }
  yield();
}

void Scheduler::fail(Fault code, const char* message) {
  fault_->code = code;
  const Thread* t = emu_thread;
  snprintf(fault_->message, sizeof fault_->message, "%s: %s (block %u,%u,%u thread %u,%u,%u)", job_->kernel->name,
           message, block_.index.x, block_.index.y, block_.index.z, t->index.x, t->index.y, t->index.z);
  failed_ = true;
  void* abandoned;
  emu_switch(&abandoned, home_);
  abort();
}

void Scheduler::describeDeadlock() {
  int barrierLine = 0, warpLine = 0, atBarrier = 0, atWarpOp = 0;
  for (unsigned i = 0; i < block_.threads; ++i) {
    const Warp& w = warps_[i / kWarpSize];
    unsigned bit = 1u << (i % kWarpSize);
    if (w.atBarrier & bit) ++atBarrier, barrierLine = threads_[i].line;
    if (w.atWarpOp & bit) ++atWarpOp, warpLine = threads_[i].line;
  }
  fault_->code = kLaunchFailed;
  int n = snprintf(fault_->message, sizeof fault_->message, "%s: deadlock in block %u,%u,%u: ", job_->kernel->name,
                   block_.index.x, block_.index.y, block_.index.z);
  snprintf(fault_->message + n, sizeof fault_->message - n,
           "%d threads wait at a block barrier (line %d), %d at a warp operation (line %d), "
           "%u have ended",
           atBarrier, barrierLine, atWarpOp, warpLine, block_.threads - block_.alive);
}

void Scheduler::numberThreads() {
  unsigned i = 0;
  for (unsigned z = 0; z < block_.dim.z; ++z) {
    for (unsigned y = 0; y < block_.dim.y; ++y) {
      for (unsigned x = 0; x < block_.dim.x; ++x, ++i) {
        threads_[i].index = {x, y, z};
        threads_[i].linear = i;
      }
    }
  }
}

void Scheduler::prepare(const BlockJob& job, uint3 index) {
  const dim3& d = block_.dim;
  bool sameShape = d.x == job.dim.x && d.y == job.dim.y && d.z == job.dim.z;
  job_ = &job;
  block_ = Block{};
  block_.grid = job.grid;
  block_.dim = job.dim;
  block_.index = index;
  block_.threads = block_.alive = job.dim.x * job.dim.y * job.dim.z;
  if (!sameShape) numberThreads();
  for (unsigned i = 0; i < block_.threads; ++i) threads_[i].warpOps = 0;
  for (unsigned w = 0; w * kWarpSize < block_.threads; ++w) {
    Warp& warp = warps_[w];
    warp.fresh = lanesOf(w);
    warp.ready = warp.atBarrier = warp.atWarpOp = warp.done = 0;
  }
  block_.dynamicShared = shared_.renew(job.sharedBytes);
  if (job.poisonShared) job.poisonShared(job.kernel);
}

bool Scheduler::run(const BlockJob& job, uint3 index, FaultReport& fault) {
  prepare(job, index);
  fault_ = &fault;
  failed_ = false;
  running_ = true;
  emu_block = &block_;
  unsigned count = (block_.threads + kWarpSize - 1) / kWarpSize;
  unsigned first = job.order ? static_cast<unsigned>(job.order >> 1) % count : 0;
  while (block_.alive && !failed_) {
    bool progress = false;
    for (unsigned i = 0; i < count && !failed_; ++i) {
      warpIndex_ = (first + (job.order & 1 ? count - i : i)) % count;
      while (!failed_ && resumeInWarp(&home_)) progress = true;
    }
    if (!progress && !failed_) {
      describeDeadlock();
      failed_ = true;
    }
  }
  if (!failed_ && !shared_.intact()) {
    fault.code = kIllegalAddress;
    snprintf(fault.message, sizeof fault.message,
             "%s: wrote behind the %u bytes of dynamic shared memory (block %u,%u,%u)", job.kernel->name,
             job.sharedBytes, index.x, index.y, index.z);
    failed_ = true;
  }
  if (failed_) {
    idle_.clear();  // the stacks hold half-run threads: start afresh
    stacksUsed_ = 0;
  }
  running_ = false;
  emu_block = nullptr;
  emu_thread = nullptr;
  return !failed_;
}

}  // namespace

bool runBlock(const BlockJob& job, uint3 index, FaultReport& fault) {
  if (!scheduler) {
    owner = std::make_unique<Scheduler>();
    scheduler = owner.get();
  }
  return scheduler->run(job, index, fault);
}

bool insideKernel() { return scheduler && scheduler->busy(); }

void failFromSignal(Fault fault, const char* message) { scheduler->fail(fault, message); }

}  // namespace emu

void emu_block_barrier(int predicate, int line) { emu::scheduler->barrier(predicate, line); }

void emu_warp_op(unsigned mask, emu::Combine combine, void* offer, int line) {
  emu::scheduler->warpOp(mask, combine, offer, line);
}

void emu_fail(emu::Fault fault, const char* message) { emu::scheduler->fail(fault, message); }
