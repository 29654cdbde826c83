#include <algorithm>

#include "selftest.h"

std::map<std::string, Case>& cases() {
  static std::map<std::string, Case> all;
  return all;
}

Gpu::Gpu(int ordinal) : ordinal_(ordinal) {
  OK(cuInit(0));
  OK(cuDevicePrimaryCtxRetain(&context_, ordinal));
  use();
  const unsigned char anyFatbin[16] = {0x50, 0xED, 0x55, 0xBA};
  OK(cuModuleLoadData(&module_, anyFatbin));
}

// Fails silently where the device has been lost: then everything went with it.
Gpu::~Gpu() {
  cuCtxSetCurrent(context_);
  cuModuleUnload(module_);
  cuDevicePrimaryCtxRelease_v2(ordinal_);
}

void* Gpu::kernel(const char* name) const {
  void* function;
  OK(cuModuleGetFunction(&function, module_, name));
  return function;
}

std::vector<float> numbers(size_t count, unsigned seed) {
  std::vector<float> values(count);
  uint64_t state = seed * 0x9E3779B97F4A7C15ull + 1;
  for (float& v : values) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    v = static_cast<float>(static_cast<int32_t>(state >> 32)) / 2147483648.0f;
  }
  return values;
}

int main(int count, char** arguments) {
  auto found = count == 2 ? cases().find(arguments[1]) : cases().end();
  if (found == cases().end()) {
    for (const auto& [name, body] : cases()) printf("%s\n", name.c_str());
    return 2;
  }
  found->second();
  return 0;
}
