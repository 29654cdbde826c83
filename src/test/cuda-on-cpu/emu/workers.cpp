#include "workers.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

namespace emu {
namespace {

class Pool {
 public:
  explicit Pool(unsigned helpers) {
    for (unsigned i = 0; i < helpers; ++i) std::thread([this] { help(); }).detach();
  }

  void run(size_t count, const std::function<void(size_t)>& task) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      task_ = &task;
      count_ = count;
      next_ = 0;
      ++round_;
    }
    wake_.notify_all();
    drain(task, count);
    std::unique_lock<std::mutex> lock(mutex_);
    idle_.wait(lock, [this] { return active_ == 0; });
    task_ = nullptr;
  }

 private:
  void drain(const std::function<void(size_t)>& task, size_t count) {
    for (size_t i; (i = next_.fetch_add(1)) < count;) task(i);
  }

  void help() {
    uint64_t seen = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return task_ && round_ != seen; });
      seen = round_;
      const auto& task = *task_;
      size_t count = count_;
      ++active_;
      lock.unlock();
      drain(task, count);
      lock.lock();
      if (--active_ == 0) idle_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_, idle_;
  const std::function<void(size_t)>* task_ = nullptr;
  size_t count_ = 0;
  std::atomic<size_t> next_{0};
  uint64_t round_ = 0;
  unsigned active_ = 0;
};

}  // namespace

unsigned workerCount() {
  static const unsigned count = [] {
    const char* wanted = getenv("CUDA_ON_CPU_THREADS");
    unsigned n = wanted ? static_cast<unsigned>(atoi(wanted)) : std::thread::hardware_concurrency();
    return std::max(1u, n);
  }();
  return count;
}

// The helpers live as long as the process: at exit they sleep, and nobody waits for them.
void parallel(size_t count, const std::function<void(size_t)>& task) {
  static std::mutex one;
  static Pool* pool = workerCount() > 1 ? new Pool(workerCount() - 1) : nullptr;
  if (!pool || count < 2) {
    for (size_t i = 0; i < count; ++i) task(i);
    return;
  }
  std::lock_guard<std::mutex> lock(one);
  pool->run(count, task);
}

}  // namespace emu
