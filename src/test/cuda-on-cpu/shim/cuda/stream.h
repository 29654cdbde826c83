// Streams as queues of work. Normally work runs when it is submitted. With CUDA_ON_CPU_DEFERRED=1 it
// waits until the program synchronizes, and then runs in an order drawn from a seed out of all the
// orders that CUDA allows.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "abi.h"

namespace shim {

struct Context;
struct Capture;
struct Node;
using Work = std::function<void()>;

struct Operation {
  Context* context;
  Work work;
  std::vector<std::shared_ptr<Operation>> after;  // on other streams; order within a stream is implied
  bool done;
};
using OperationRef = std::shared_ptr<Operation>;

struct Stream {
  Context* context;
  bool blocking;  // waits for the legacy stream, and it for this one
  int priority;
  std::deque<OperationRef> queue;
  OperationRef last;
  std::shared_ptr<Capture> capture;  // of which this stream is a member now
  std::vector<Node*> tips;           // what the next captured node depends on
};

struct Event {
  Context* context;
  bool timed;
  OperationRef recorded;
  double seconds;
  std::shared_ptr<Capture> capture;  // in which it was recorded last, if it was
  std::vector<Node*> tips;
};

bool deferred();
// A number drawn from the seed, below n.
size_t draw(size_t n);

OperationRef enqueue(Stream* stream, Work work, std::vector<OperationRef> after = {});

// Run queued work of any stream until these are done.
void runUntilDone(const OperationRef& operation);
void drain(Stream* stream);
void drain(Context* context);
// Runs one piece of queued work if there is any: what a polling program sees happen.
void progress();
size_t pendingOperations();

// The stream behind a handle; null if there is none. 0 and 1 are the legacy stream.
Stream* streamOf(void* handle, Context* context);

}  // namespace shim
