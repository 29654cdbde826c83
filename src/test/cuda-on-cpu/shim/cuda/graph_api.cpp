// Graphs and executable graphs.
#include "driver.h"
#include "graph.h"
#include "report.h"

using namespace shim;

namespace {

// An executable graph may be destroyed while its last launch is still queued.
using ExecHandle = std::shared_ptr<GraphExec>;

template <class Body>
CUresult onGraph(const char* function, Graph* graph, Body body) {
  return call(function, kInitialized,
              [&]() -> CUresult { return handleAlive(graph, "graph") ? body() : CUDA_ERROR_INVALID_VALUE; });
}

template <class Body>
CUresult onExec(const char* function, ExecHandle* exec, Body body) {
  return call(function, kContext, [&]() -> CUresult {
    return handleAlive(exec, "executable graph") ? body(*exec) : CUDA_ERROR_INVALID_VALUE;
  });
}

CUresult list(const std::vector<Node*>& found, Node** nodes, size_t* count) {
  if (nodes) {
    for (size_t i = 0; i < *count && i < found.size(); ++i) nodes[i] = found[i];
  }
  *count = found.size();
  return CUDA_SUCCESS;
}

}  // namespace

extern "C" {

CUresult cuGraphDestroy(Graph* graph) {
  return call("cuGraphDestroy", kInitialized, [&]() -> CUresult {
    if (!handleDestroyed(graph, "graph")) return CUDA_ERROR_INVALID_VALUE;
    delete graph;
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphGetNodes(Graph* graph, Node** nodes, size_t* count) {
  return onGraph("cuGraphGetNodes", graph, [&] {
    std::vector<Node*> all;
    for (const auto& node : graph->nodes) all.push_back(node.get());
    return list(all, nodes, count);
  });
}

CUresult cuGraphGetRootNodes(Graph* graph, Node** nodes, size_t* count) {
  return onGraph("cuGraphGetRootNodes", graph, [&] {
    std::vector<Node*> roots;
    for (const auto& node : graph->nodes) {
      if (node->after.empty()) roots.push_back(node.get());
    }
    return list(roots, nodes, count);
  });
}

CUresult cuGraphNodeGetType(Node* node, int* type) {
  return call("cuGraphNodeGetType", kInitialized, [&] {
    *type = node->type;
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphNodeGetDependencies(Node* node, Node** nodes, size_t* count) {
  return call("cuGraphNodeGetDependencies", kInitialized, [&] { return list(node->after, nodes, count); });
}

CUresult cuGraphInstantiateWithFlags(ExecHandle** exec, Graph* graph, unsigned long long) {
  return call("cuGraphInstantiateWithFlags", kContext | kOutsideCapture, [&]() -> CUresult {
    if (!handleAlive(graph, "graph")) return CUDA_ERROR_INVALID_VALUE;
    *exec = new ExecHandle(std::make_shared<GraphExec>(*graph));
    contextHandleCreated(*exec, "executable graph");
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphExecDestroy(ExecHandle* exec) {
  return call("cuGraphExecDestroy", kInitialized, [&]() -> CUresult {
    if (!handleDestroyed(exec, "executable graph")) return CUDA_ERROR_INVALID_VALUE;
    delete exec;
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphUpload(ExecHandle* exec, void*) {
  return onExec("cuGraphUpload", exec, [](ExecHandle&) { return CUDA_SUCCESS; });
}

CUresult cuGraphLaunch(ExecHandle* exec, void* handle) {
  return onExec("cuGraphLaunch", exec, [&](ExecHandle& graph) -> CUresult {
    Stream* stream = streamOf(handle, currentContext());
    if (!stream) return CUDA_ERROR_INVALID_HANDLE;
    if (stream->capture) return CUDA_ERROR_NOT_SUPPORTED;  // child graphs are not emulated
    std::vector<OperationRef> after;
    if (graph->last && !graph->last->done) after.push_back(graph->last);
    countGraphLaunch(graph->size());
    graph->last = enqueue(stream, [kept = graph] { kept->run(); }, after);
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphExecKernelNodeSetParams_v2(ExecHandle* exec, Node* node, const KernelNodeParams* parameters) {
  return onExec("cuGraphExecKernelNodeSetParams_v2", exec, [&](ExecHandle& graph) -> CUresult {
    Launch* launch = graph->launchOf(node);
    if (!launch || parameters->extra) return CUDA_ERROR_INVALID_VALUE;
    if (parameters->function) launch->function = *static_cast<Function*>(parameters->function);
    launch->grid = {parameters->gridX, parameters->gridY, parameters->gridZ};
    launch->block = {parameters->blockX, parameters->blockY, parameters->blockZ};
    launch->sharedBytes = parameters->sharedBytes;
    takeArguments(*launch, parameters->parameters);
    return checkLaunch(*launch);
  });
}
}
