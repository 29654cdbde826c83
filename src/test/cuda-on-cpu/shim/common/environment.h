// Settings of the harness come from the environment: CUDA_ON_CPU_*.
#pragma once
#include <cstdlib>
#include <string>

namespace shim {

inline std::string setting(const char* name, const char* otherwise = "") {
  const char* value = getenv((std::string("CUDA_ON_CPU_") + name).c_str());
  return value && *value ? value : otherwise;
}

inline long settingNumber(const char* name, long otherwise) {
  std::string value = setting(name);
  return value.empty() ? otherwise : strtol(value.c_str(), nullptr, 0);
}

inline bool settingFlag(const char* name) { return settingNumber(name, 0) != 0; }

}  // namespace shim
