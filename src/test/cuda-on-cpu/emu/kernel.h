// How a kernel becomes known to the driver shim: its name, parameters, and a way to call it.
// Appended to each .cu file by wrap-kernel.sh, one EMU_KERNEL line per __global__ function.
#pragma once
#include <tuple>
#include <type_traits>
#include <utility>

#include "runtime.h"

namespace emu {

struct Parameter {
  unsigned size;
  bool pointer;
};

struct Kernel {
  const char* name;
  void (*call)(void* const* parameters);
  const Parameter* parameters;
  unsigned parameterCount;
  unsigned maxThreads;  // __launch_bounds__
};

template <auto function>
struct Signature;

template <class... Args, void (*function)(Args...)>
struct Signature<function> {
  static constexpr unsigned kCount = sizeof...(Args);
  static constexpr Parameter kParameters[kCount + 1] = {{sizeof(Args), std::is_pointer_v<Args>}..., {0, false}};

  static void call(void* const* parameters) { call(parameters, std::index_sequence_for<Args...>{}); }

  template <size_t... I>
  static void call(void* const* parameters, std::index_sequence<I...>) {
    function(*static_cast<std::remove_reference_t<Args>*>(parameters[I])...);
  }
};

// Launch bounds as written: none, or (threads[, blocks]).
constexpr unsigned launchBounds(unsigned threads = kMaxThreads, unsigned = 0) { return threads; }

}  // namespace emu

#define EMU_KERNEL(name, bounds)                                                                           \
  {#name, &emu::Signature<&name>::call, emu::Signature<&name>::kParameters, emu::Signature<&name>::kCount, \
   emu::launchBounds bounds},

// The table of one .cu file, and the address of its shared variables on the calling OS thread.
#define EMU_TABLE(...)                                                                                      \
  static const emu::Kernel emuKernels[] = {__VA_ARGS__{nullptr, nullptr, nullptr, 0, 0}};                   \
  static __thread char emuAnchor;                                                                           \
  extern "C" __attribute__((visibility("default"))) const emu::Kernel* emu_kernels() { return emuKernels; } \
  extern "C" __attribute__((visibility("default"))) void* emu_shared_anchor() { return &emuAnchor; }
