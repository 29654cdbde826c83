#include "report.h"

#include <cstdarg>
#include <cstdio>
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "../common/environment.h"
#include "../common/library.h"

namespace shim {
namespace {

constexpr size_t kPrinted = 20;  // violations printed as they happen; all are counted

struct Kernel {
  uint64_t launches = 0, blocks = 0, threads = 0, flops = 0, bytesRead = 0, bytesWritten = 0;
};
struct Library {
  uint64_t calls = 0, flops = 0, bytes = 0;
};
struct Copy {
  uint64_t count = 0, bytes = 0;
};

struct State {
  std::mutex mutex;
  std::map<std::string, uint64_t> calls;
  std::map<std::string, Kernel> kernels;
  std::map<std::string, Library> libraries;
  std::map<std::string, Copy> copies;
  uint64_t graphLaunches = 0, graphNodes = 0, peakMemory = 0;
  std::vector<std::string> violations, leaks;
};

// Never destroyed: calls may come from other threads until the very end.
State& state() {
  static State* s = new State;
  return *s;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out + "\"";
}

template <class Map, class Print>
void writeObject(FILE* f, const char* name, const Map& map, Print print) {
  fprintf(f, "  \"%s\": {", name);
  const char* separator = "\n";
  for (const auto& [key, value] : map) {
    fprintf(f, "%s    %s: ", separator, quoted(key).c_str());
    print(value);
    separator = ",\n";
  }
  fprintf(f, "\n  },\n");
}

void writeList(FILE* f, const char* name, const std::vector<std::string>& list, const char* end) {
  fprintf(f, "  \"%s\": [", name);
  const char* separator = "";
  for (const std::string& text : list) {
    fprintf(f, "%s\n    %s", separator, quoted(text).c_str());
    separator = ",";
  }
  fprintf(f, "\n  ]%s\n", end);
}

#define U(x) static_cast<unsigned long long>(x)

}  // namespace

void countCall(const char* function) {
  std::lock_guard<std::mutex> lock(state().mutex);
  ++state().calls[function];
}

void countKernel(const char* kernel, uint64_t blocks, uint64_t threads, uint64_t flops, Traffic traffic) {
  std::lock_guard<std::mutex> lock(state().mutex);
  Kernel& k = state().kernels[kernel];
  ++k.launches;
  k.blocks += blocks;
  k.threads += threads;
  k.flops += flops;
  k.bytesRead += traffic.read;
  k.bytesWritten += traffic.written;
}

void countLibrary(const char* function, uint64_t flops, uint64_t bytes) {
  std::lock_guard<std::mutex> lock(state().mutex);
  Library& l = state().libraries[function];
  ++l.calls;
  l.flops += flops;
  l.bytes += bytes;
}

void countCopy(const char* kind, uint64_t bytes) {
  std::lock_guard<std::mutex> lock(state().mutex);
  Copy& c = state().copies[kind];
  ++c.count;
  c.bytes += bytes;
}

void countGraphLaunch(uint64_t nodes) {
  std::lock_guard<std::mutex> lock(state().mutex);
  ++state().graphLaunches;
  state().graphNodes += nodes;
}

void countPeakMemory(uint64_t bytes) {
  std::lock_guard<std::mutex> lock(state().mutex);
  if (bytes > state().peakMemory) state().peakMemory = bytes;
}

void leak(const std::string& what) {
  std::lock_guard<std::mutex> lock(state().mutex);
  state().leaks.push_back(what);
}

void violation(const char* format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  std::lock_guard<std::mutex> lock(state().mutex);
  state().violations.push_back(text);
  if (state().violations.size() <= kPrinted) fprintf(stderr, "[cuda-on-cpu] VIOLATION: %s\n", text);
}

void resetCounters() {
  State& s = state();
  std::lock_guard<std::mutex> lock(s.mutex);
  s.calls.clear();
  s.kernels.clear();
  s.libraries.clear();
  s.copies.clear();
  s.graphLaunches = s.graphNodes = s.peakMemory = 0;
}

void writeCounters() {
  std::string path = setting("COUNTERS");
  if (path.empty()) return;
  FILE* f = fopen(path.c_str(), "w");
  if (!f) {
    fprintf(stderr, "[cuda-on-cpu] cannot write %s\n", path.c_str());
    return;
  }
  State& s = state();
  std::lock_guard<std::mutex> lock(s.mutex);
  fprintf(f, "{\n");
  writeObject(f, "calls", s.calls, [&](uint64_t n) { fprintf(f, "%llu", U(n)); });
  writeObject(f, "kernels", s.kernels, [&](const Kernel& k) {
    fprintf(f, "{\"launches\": %llu, \"blocks\": %llu, \"threads\": %llu, \"flops\": %llu", U(k.launches), U(k.blocks),
            U(k.threads), U(k.flops));
    if (tracing()) fprintf(f, ", \"bytesRead\": %llu, \"bytesWritten\": %llu", U(k.bytesRead), U(k.bytesWritten));
    fprintf(f, "}");
  });
  writeObject(f, "libraries", s.libraries, [&](const Library& l) {
    fprintf(f, "{\"calls\": %llu, \"flops\": %llu, \"bytes\": %llu}", U(l.calls), U(l.flops), U(l.bytes));
  });
  writeObject(f, "copies", s.copies,
              [&](const Copy& c) { fprintf(f, "{\"count\": %llu, \"bytes\": %llu}", U(c.count), U(c.bytes)); });
  fprintf(f, "  \"graphLaunches\": %llu,\n  \"graphNodes\": %llu,\n  \"peakMemory\": %llu,\n", U(s.graphLaunches),
          U(s.graphNodes), U(s.peakMemory));
  writeList(f, "violations", s.violations, ",");
  writeList(f, "leaks", s.leaks, "");
  fprintf(f, "}\n");
  fclose(f);
}

bool summarize() {
  State& s = state();
  std::lock_guard<std::mutex> lock(s.mutex);
  for (size_t i = 0; i < s.leaks.size() && i < kPrinted; ++i) {
    fprintf(stderr, "[cuda-on-cpu] LEAK: %s\n", s.leaks[i].c_str());
  }
  if (s.leaks.empty() && s.violations.empty()) return false;
  fprintf(stderr, "[cuda-on-cpu] %zu violations, %zu leaks\n", s.violations.size(), s.leaks.size());
  return true;
}

}  // namespace shim
