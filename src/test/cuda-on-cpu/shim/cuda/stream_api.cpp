// Streams and events.
#include <chrono>

#include "driver.h"
#include "graph.h"
#include "memory.h"
#include "report.h"

using namespace shim;

namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

template <class Body>
CUresult onStream(const char* function, void* handle, int demand, Body body) {
  return call(function, demand, [&]() -> CUresult {
    Stream* stream = streamOf(handle, currentContext());
    if (!stream) {
      violation("%s: a stream was used that does not exist (destroyed before?)", function);
      return CUDA_ERROR_INVALID_HANDLE;
    }
    return body(stream);
  });
}

template <class Body>
CUresult onEvent(const char* function, Event* event, Body body) {
  return call(function, kContext,
              [&]() -> CUresult { return handleAlive(event, "event") ? body() : CUDA_ERROR_INVALID_HANDLE; });
}

CUresult createStream(Stream** out, unsigned flags, int priority) {
  Context* context = currentContext();
  if (flags > CU_STREAM_NON_BLOCKING) return CUDA_ERROR_INVALID_VALUE;
  *out = new Stream{context, flags != CU_STREAM_NON_BLOCKING, priority, {}, nullptr, nullptr, {}};
  context->streams.insert(*out);
  contextHandleCreated(*out, "stream");
  return CUDA_SUCCESS;
}

}  // namespace

extern "C" {

CUresult cuStreamCreate(Stream** stream, unsigned flags) {
  return call("cuStreamCreate", kContext, [&] { return createStream(stream, flags, 0); });
}

CUresult cuStreamCreateWithPriority(Stream** stream, unsigned flags, int priority) {
  return call("cuStreamCreateWithPriority", kContext, [&] { return createStream(stream, flags, priority); });
}

CUresult cuStreamDestroy_v2(Stream* stream) {
  return call("cuStreamDestroy_v2", kInitialized, [&]() -> CUresult {
    if (!handleDestroyed(stream, "stream")) return CUDA_ERROR_INVALID_HANDLE;
    if (driver().contexts.count(stream->context)) {
      drain(stream);
      stream->context->streams.erase(stream);
    }
    delete stream;
    return CUDA_SUCCESS;
  });
}

CUresult cuStreamSynchronize(void* handle) {
  return onStream("cuStreamSynchronize", handle, kContext, [&](Stream* stream) -> CUresult {
    if (stream->capture) {
      stream->capture->invalid = true;
      return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    }
    drain(stream);
    memory().verifyCanaries("cuStreamSynchronize");
    return currentContext()->lost;
  });
}

CUresult cuStreamQuery(void* handle) {
  return onStream("cuStreamQuery", handle, kContext, [&](Stream* stream) -> CUresult {
    if (stream->capture) {
      stream->capture->invalid = true;
      return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    }
    if (stream->queue.empty()) return currentContext()->lost;
    progress();
    return CUDA_ERROR_NOT_READY;
  });
}

CUresult cuStreamWaitEvent(void* handle, Event* event, unsigned) {
  return onStream("cuStreamWaitEvent", handle, kContext, [&](Stream* stream) -> CUresult {
    return handleAlive(event, "event") ? waitForEvent(stream, event) : CUDA_ERROR_INVALID_HANDLE;
  });
}

CUresult cuStreamGetFlags(void* handle, unsigned* flags) {
  return onStream("cuStreamGetFlags", handle, kContext, [&](Stream* stream) -> CUresult {
    *flags = stream->blocking ? CU_STREAM_DEFAULT : CU_STREAM_NON_BLOCKING;
    return CUDA_SUCCESS;
  });
}

CUresult cuStreamGetPriority(void* handle, int* priority) {
  return onStream("cuStreamGetPriority", handle, kContext, [&](Stream* stream) -> CUresult {
    *priority = stream->priority;
    return CUDA_SUCCESS;
  });
}

CUresult cuLaunchHostFunc(void* handle, void (*function)(void*), void* data) {
  return onStream("cuLaunchHostFunc", handle, kContext,
                  [&](Stream* stream) { return submitNode(stream, CU_NODE_HOST, [=] { function(data); }); });
}

CUresult cuStreamAddCallback(void* handle, void (*function)(void*, CUresult, void*), void* data, unsigned) {
  return onStream("cuStreamAddCallback", handle, kContext, [&](Stream* stream) {
    return submitNode(stream, CU_NODE_HOST, [=] { function(handle, CUDA_SUCCESS, data); });
  });
}

CUresult cuStreamBeginCapture_v2(void* handle, int mode) {
  return onStream("cuStreamBeginCapture_v2", handle, kContext,
                  [&](Stream* stream) { return beginCapture(stream, mode); });
}

CUresult cuStreamEndCapture(void* handle, Graph** graph) {
  return onStream("cuStreamEndCapture", handle, kContext, [&](Stream* stream) {
    CUresult status = endCapture(stream, graph);
    if (*graph) handleCreated(*graph, "graph");
    return status;
  });
}

CUresult cuStreamIsCapturing(void* handle, int* status) {
  return onStream("cuStreamIsCapturing", handle, kContext, [&](Stream* stream) -> CUresult {
    *status = !stream->capture           ? CU_CAPTURE_STATUS_NONE
              : stream->capture->invalid ? CU_CAPTURE_STATUS_INVALIDATED
                                         : CU_CAPTURE_STATUS_ACTIVE;
    return CUDA_SUCCESS;
  });
}

CUresult cuEventCreate(Event** event, unsigned flags) {
  return call("cuEventCreate", kContext, [&] {
    *event = new Event{currentContext(), !(flags & CU_EVENT_DISABLE_TIMING), nullptr, 0, nullptr, {}};
    contextHandleCreated(*event, "event");
    return CUDA_SUCCESS;
  });
}

CUresult cuEventDestroy_v2(Event* event) {
  return call("cuEventDestroy_v2", kInitialized, [&]() -> CUresult {
    if (!handleDestroyed(event, "event")) return CUDA_ERROR_INVALID_HANDLE;
    runUntilDone(event->recorded);  // which writes the time into it
    delete event;
    return CUDA_SUCCESS;
  });
}

CUresult cuEventRecord(Event* event, void* handle) {
  return onStream("cuEventRecord", handle, kContext, [&](Stream* stream) -> CUresult {
    if (!handleAlive(event, "event")) return CUDA_ERROR_INVALID_HANDLE;
    if (stream->capture) {
      recordInCapture(stream, event);
      return CUDA_SUCCESS;
    }
    runUntilDone(event->recorded);
    event->capture = nullptr;
    event->recorded = enqueue(stream, [event] { event->seconds = now(); });
    return CUDA_SUCCESS;
  });
}

CUresult cuEventRecordWithFlags(Event* event, void* handle, unsigned) { return cuEventRecord(event, handle); }

CUresult cuEventSynchronize(Event* event) {
  return onEvent("cuEventSynchronize", event, [&]() -> CUresult {
    if (event->capture) return CUDA_ERROR_CAPTURED_EVENT;
    runUntilDone(event->recorded);
    memory().verifyCanaries("cuEventSynchronize");
    return currentContext()->lost;
  });
}

CUresult cuEventQuery(Event* event) {
  return onEvent("cuEventQuery", event, [&]() -> CUresult {
    if (event->capture) return CUDA_ERROR_CAPTURED_EVENT;
    if (!event->recorded || event->recorded->done) return currentContext()->lost;
    progress();
    return CUDA_ERROR_NOT_READY;
  });
}

CUresult cuEventElapsedTime(float* milliseconds, Event* start, Event* end) {
  return onEvent("cuEventElapsedTime", start, [&]() -> CUresult {
    if (!handleAlive(end, "event") || !start->timed || !end->timed) return CUDA_ERROR_INVALID_HANDLE;
    if (!start->recorded || !end->recorded) return CUDA_ERROR_INVALID_HANDLE;
    if (!start->recorded->done || !end->recorded->done) return CUDA_ERROR_NOT_READY;
    *milliseconds = static_cast<float>((end->seconds - start->seconds) * 1e3);
    return CUDA_SUCCESS;
  });
}
}
