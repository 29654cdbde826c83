// Graphs: what capture records and a replay runs.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "launch.h"
#include "stream.h"

namespace shim {

struct Node {
  int type;
  Work work;
  std::shared_ptr<Launch> launch;  // of a kernel node, instead of work
  std::vector<Node*> after;
};

struct Graph {
  std::vector<std::unique_ptr<Node>> nodes;  // each after those it depends on
};

struct Capture {
  std::unique_ptr<Graph> graph;
  Stream* origin;
  int mode;
  std::thread::id thread;
  bool invalid;
  std::set<Stream*> members;
};

// An instantiated graph: a copy, whose kernels' parameters can be changed one by one.
class GraphExec {
 public:
  explicit GraphExec(const Graph& graph);
  size_t size() const { return steps_.size(); }
  // Runs all nodes in an order that their dependencies allow.
  void run();
  Launch* launchOf(Node* node);

  OperationRef last;  // launches of one executable graph follow each other

 private:
  struct Step {
    Work work;
    std::shared_ptr<Launch> launch;
    std::vector<size_t> after;
  };
  std::vector<Step> steps_;
  std::map<Node*, size_t> index_;
};

// Puts work on a stream, or a node into the graph that the stream captures. Returns a CUresult.
CUresult submitNode(Stream* stream, int type, Work work, std::shared_ptr<Launch> launch = nullptr);

// Whether the calling thread may make a call that would disturb a capture; spoils the capture if not.
CUresult admitDuringCapture();

CUresult waitForEvent(Stream* stream, Event* event);
void recordInCapture(Stream* stream, Event* event);
CUresult beginCapture(Stream* stream, int mode);
CUresult endCapture(Stream* stream, Graph** graph);

}  // namespace shim
