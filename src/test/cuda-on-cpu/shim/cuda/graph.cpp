#include "graph.h"

#include <algorithm>

#include "driver.h"

namespace shim {
namespace {

// The capture that the calling thread has under way in a mode other than relaxed, or null.
Capture* ownCapture() {
  for (Context* context : driver().contexts) {
    for (Stream* stream : context->streams) {
      Capture* c = stream->capture.get();
      if (!c || c->mode == CU_CAPTURE_RELAXED) continue;
      if (c->mode == CU_CAPTURE_GLOBAL || c->thread == std::this_thread::get_id()) return c;
    }
  }
  return nullptr;
}

// Work on the legacy stream would wait for every blocking stream, also one that captures.
CUresult admitBesideCapture(Stream* stream) {
  if (stream != stream->context->legacy.get()) return CUDA_SUCCESS;
  for (Stream* other : stream->context->streams) {
    if (other->blocking && other->capture) {
      other->capture->invalid = true;
      return CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
    }
  }
  return CUDA_SUCCESS;
}

void collectAncestors(Node* node, std::set<Node*>& seen) {
  if (!seen.insert(node).second) return;
  for (Node* before : node->after) collectAncestors(before, seen);
}

bool joined(const Capture& capture) {
  std::set<Node*> reached;
  for (Node* tip : capture.origin->tips) collectAncestors(tip, reached);
  return reached.size() == capture.graph->nodes.size();
}

}  // namespace

GraphExec::GraphExec(const Graph& graph) {
  for (const auto& node : graph.nodes) {
    index_[node.get()] = steps_.size();
    Step step{node->work, node->launch ? std::make_shared<Launch>(*node->launch) : nullptr, {}};
    for (Node* before : node->after) step.after.push_back(index_.at(before));
    steps_.push_back(std::move(step));
  }
}

Launch* GraphExec::launchOf(Node* node) {
  auto found = index_.find(node);
  return found == index_.end() ? nullptr : steps_[found->second].launch.get();
}

void GraphExec::run() {
  std::vector<bool> done(steps_.size());
  for (size_t left = steps_.size(); left > 0; --left) {
    std::vector<size_t> runnable;
    for (size_t i = 0; i < steps_.size(); ++i) {
      const auto& after = steps_[i].after;
      if (!done[i] && std::all_of(after.begin(), after.end(), [&](size_t b) { return done[b]; })) {
        runnable.push_back(i);
        if (!deferred()) break;  // any legal order will do: take the first
      }
    }
    size_t chosen = runnable[draw(runnable.size())];
    Step& step = steps_[chosen];
    if (step.launch) {
      if (!step.launch->context->lost) runLaunch(*step.launch);
    } else if (step.work) {
      step.work();
    }
    done[chosen] = true;
  }
}

CUresult submitNode(Stream* stream, int type, Work work, std::shared_ptr<Launch> launch) {
  if (stream->capture) {
    Capture& capture = *stream->capture;
    if (capture.invalid) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    auto node = std::make_unique<Node>(Node{type, std::move(work), std::move(launch), stream->tips});
    stream->tips = {node.get()};
    capture.graph->nodes.push_back(std::move(node));
    return CUDA_SUCCESS;
  }
  CUresult refused = admitBesideCapture(stream);
  if (refused) return refused;
  if (launch) work = [launch] { runLaunch(*launch); };
  enqueue(stream, std::move(work));
  return CUDA_SUCCESS;
}

CUresult admitDuringCapture() {
  Capture* capture = ownCapture();
  if (!capture) return CUDA_SUCCESS;
  capture->invalid = true;
  return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
}

CUresult waitForEvent(Stream* stream, Event* event) {
  if (event->capture) {
    if (stream->capture && stream->capture != event->capture) return CUDA_ERROR_STREAM_CAPTURE_MERGE;
    if (!event->capture->graph) return CUDA_ERROR_CAPTURED_EVENT;  // that capture has ended
    if (!stream->capture) {
      stream->capture = event->capture;
      stream->capture->members.insert(stream);
      stream->tips.clear();
    }
    for (Node* tip : event->tips) {
      if (std::find(stream->tips.begin(), stream->tips.end(), tip) == stream->tips.end()) stream->tips.push_back(tip);
    }
    return CUDA_SUCCESS;
  }
  if (stream->capture) {
    if (!event->recorded) return CUDA_SUCCESS;
    stream->capture->invalid = true;
    return CUDA_ERROR_STREAM_CAPTURE_ISOLATION;
  }
  if (event->recorded && !event->recorded->done) enqueue(stream, nullptr, {event->recorded});
  return CUDA_SUCCESS;
}

void recordInCapture(Stream* stream, Event* event) {
  event->capture = stream->capture;
  event->tips = stream->tips;
  event->recorded = nullptr;
}

CUresult beginCapture(Stream* stream, int mode) {
  if (stream == stream->context->legacy.get()) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  if (stream->capture) return CUDA_ERROR_ILLEGAL_STATE;
  stream->capture = std::make_shared<Capture>(
      Capture{std::make_unique<Graph>(), stream, mode, std::this_thread::get_id(), false, {stream}});
  stream->tips.clear();
  return CUDA_SUCCESS;
}

CUresult endCapture(Stream* stream, Graph** graph) {
  *graph = nullptr;
  std::shared_ptr<Capture> capture = stream->capture;
  if (!capture) return CUDA_ERROR_ILLEGAL_STATE;
  if (capture->origin != stream) return CUDA_ERROR_STREAM_CAPTURE_UNMATCHED;
  if (capture->mode != CU_CAPTURE_RELAXED && capture->thread != std::this_thread::get_id()) {
    return CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD;
  }
  bool complete = joined(*capture);
  for (Stream* member : capture->members) {
    member->capture = nullptr;
    member->tips.clear();
  }
  std::unique_ptr<Graph> recorded = std::move(capture->graph);
  if (capture->invalid) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  if (!complete) return CUDA_ERROR_STREAM_CAPTURE_UNJOINED;
  *graph = recorded.release();
  return CUDA_SUCCESS;
}

}  // namespace shim
