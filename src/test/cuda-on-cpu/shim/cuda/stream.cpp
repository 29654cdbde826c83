#include "stream.h"

#include <algorithm>
#include <random>

#include "../common/environment.h"
#include "driver.h"

namespace shim {
namespace {

bool ready(const Operation& operation) {
  return std::all_of(operation.after.begin(), operation.after.end(), [](const OperationRef& o) { return o->done; });
}

void run(const OperationRef& operation) {
  if (!operation->context->lost && operation->work) operation->work();
  operation->done = true;
  operation->work = nullptr;
  operation->after.clear();
}

template <class Visit>
void forEachStream(Visit visit) {
  for (Context* context : driver().contexts) {
    visit(context->legacy.get());
    for (Stream* stream : context->streams) visit(stream);
  }
}

// Runs the first operation of a stream drawn from those that may go on. False if none may.
bool step() {
  std::vector<Stream*> runnable;
  forEachStream([&](Stream* s) {
    if (!s->queue.empty() && ready(*s->queue.front())) runnable.push_back(s);
  });
  if (runnable.empty()) return false;
  Stream* chosen = runnable[draw(runnable.size())];
  OperationRef operation = chosen->queue.front();
  chosen->queue.pop_front();
  run(operation);
  return true;
}

}  // namespace

bool deferred() {
  static const bool wanted = settingFlag("DEFERRED");
  return wanted;
}

size_t draw(size_t n) {
  static std::mt19937_64 random(static_cast<uint64_t>(settingNumber("SEED", 1)));
  return n < 2 ? 0 : random() % n;
}

OperationRef enqueue(Stream* stream, Work work, std::vector<OperationRef> after) {
  Context* context = stream->context;
  auto follow = [&](Stream* other) {
    if (other->last && !other->last->done) after.push_back(other->last);
  };
  if (stream == context->legacy.get()) {
    for (Stream* s : context->streams) {
      if (s->blocking) follow(s);
    }
  } else if (stream->blocking) {
    follow(context->legacy.get());
  }
  auto operation = std::make_shared<Operation>(Operation{context, std::move(work), std::move(after), false});
  stream->last = operation;
  if (deferred()) {
    stream->queue.push_back(operation);
  } else {
    run(operation);
  }
  return operation;
}

void runUntilDone(const OperationRef& operation) {
  while (operation && !operation->done && step()) {
  }
}

void drain(Stream* stream) { runUntilDone(stream->last); }

void drain(Context* context) {
  drain(context->legacy.get());
  for (Stream* s : context->streams) drain(s);
}

void progress() { step(); }

size_t pendingOperations() {
  size_t n = 0;
  forEachStream([&](Stream* s) { n += s->queue.size(); });
  return n;
}

Stream* streamOf(void* handle, Context* context) {
  if (reinterpret_cast<uintptr_t>(handle) <= 1) return context->legacy.get();
  auto* stream = static_cast<Stream*>(handle);
  return handleAlive(handle, "stream") ? stream : nullptr;
}

}  // namespace shim
