#include "kernel_libraries.h"

#include <dirent.h>
#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "../common/environment.h"
#include "../common/library.h"

namespace shim {
namespace {

std::string ownFolder() {
  Dl_info info;
  dladdr(reinterpret_cast<void*>(&findKernel), &info);
  std::string path = info.dli_fname;
  return path.substr(0, path.find_last_of('/'));
}

// The size of a library's thread-local segment: its __shared__ variables.
int measureShared(dl_phdr_info* info, size_t, void* data) {
  auto* wanted = static_cast<KernelLibrary*>(data);
  if (wanted->file != info->dlpi_name) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    if (info->dlpi_phdr[i].p_type == PT_TLS) wanted->sharedBytes = info->dlpi_phdr[i].p_memsz;
  }
  return 1;
}

struct SharedStart {
  const std::string& file;
  char* start;
};

int locateShared(dl_phdr_info* info, size_t, void* data) {
  auto* wanted = static_cast<SharedStart*>(data);
  if (wanted->file != info->dlpi_name) return 0;
  wanted->start = static_cast<char*>(info->dlpi_tls_data);
  return 1;
}

void open(const std::string& file, std::vector<KernelLibrary>& libraries) {
  void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    violation("kernels cannot be loaded: %s", dlerror());
    return;
  }
  auto kernels = reinterpret_cast<const emu::Kernel* (*)()>(dlsym(handle, "emu_kernels"));
  auto anchor = reinterpret_cast<void* (*)()>(dlsym(handle, "emu_shared_anchor"));
  if (!kernels || !anchor) return;
  libraries.push_back({file, kernels(), anchor, 0});
  dl_iterate_phdr(measureShared, &libraries.back());
}

std::vector<std::string> filesIn(const std::string& folder) {
  std::vector<std::string> names;
  if (DIR* dir = opendir(folder.c_str())) {
    while (dirent* entry = readdir(dir)) {
      std::string name = entry->d_name;
      if (name.size() > 3 && name.substr(name.size() - 3) == ".so") names.push_back(folder + "/" + name);
    }
    closedir(dir);
  }
  std::sort(names.begin(), names.end());
  return names;
}

const std::vector<KernelLibrary>& kernelLibraries() {
  static const auto* libraries = [] {
    auto* found = new std::vector<KernelLibrary>;
    for (const std::string& file : filesIn(setting("KERNELS", (ownFolder() + "/kernels").c_str()))) open(file, *found);
    return found;
  }();
  return *libraries;
}

}  // namespace

KernelRef findKernel(const std::string& name) {
  for (const KernelLibrary& library : kernelLibraries()) {
    for (const emu::Kernel* k = library.kernels; k->name; ++k) {
      if (name == k->name) return {k, &library};
    }
  }
  return {};
}

char* sharedStart(const KernelLibrary* library) {
  static thread_local const KernelLibrary* known = nullptr;
  static thread_local char* start = nullptr;
  if (known != library) {
    library->sharedAnchor();  // makes this thread's copy exist
    SharedStart wanted{library->file, nullptr};
    dl_iterate_phdr(locateShared, &wanted);
    known = library;
    start = wanted.start;
  }
  return start;
}

}  // namespace shim
