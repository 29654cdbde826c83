#include "ptx.h"

#include <cstdio>
#include <cstring>
#include <vector>

#include "../common/library.h"
#include "../common/ptx_marker.h"
#include "device_limits.h"

namespace shim {
namespace {

// The newest PTX that a driver of CUDA 12.0 takes. Ours must run on it, whatever compiled them.
constexpr int kNewestPtx = 80;

int firstNumber(const std::string& text, const char* word, const char* format) {
  size_t at = text.find(word);
  int a = 0, b = 0;
  if (at == std::string::npos) return -1;
  int n = sscanf(text.c_str() + at, format, &a, &b);
  return n == 2 ? a * 10 + b : n == 1 ? a : -1;
}

// Bits of the type in one parameter, as in ".param .u64 .ptr .align 1 name" or ".param .align 8 .b8 name[24]".
unsigned typeBits(const std::string& parameter) {
  for (size_t at = parameter.find('.'); at != std::string::npos; at = parameter.find('.', at + 1)) {
    unsigned bits;
    if (strchr("ubsf", parameter[at + 1]) && sscanf(parameter.c_str() + at + 2, "%u", &bits) == 1) return bits;
  }
  return 0;
}

// Sizes in bytes of the parameters in an entry's list, in order.
std::vector<unsigned> parameterSizes(const std::string& list) {
  std::vector<unsigned> sizes;
  const std::string word = ".param";
  for (size_t at = list.find(word); at != std::string::npos; at = list.find(word, at + 1)) {
    size_t start = at + word.size();
    std::string one = list.substr(start, list.find(word, start) - start);
    unsigned count = 1;
    size_t bracket = one.find('[');
    if (bracket != std::string::npos) sscanf(one.c_str() + bracket, "[%u]", &count);
    sizes.push_back(typeBits(one) / 8 * count);
  }
  return sizes;
}

}  // namespace

CUresult readImage(const void* data, Image& image) {
  const char* text = static_cast<const char*>(data);
  const unsigned char fatbin[] = {0x50, 0xED, 0x55, 0xBA};
  if (!memcmp(data, fatbin, sizeof fatbin) || !memcmp(data, "\177ELF", 4)) {
    image = {ImageKind::kBinary, ""};
    return CUDA_SUCCESS;
  }
  image = {ImageKind::kPtx, text};
  int version = firstNumber(image.text, ".version", ".version %d.%d");
  int target = firstNumber(image.text, ".target", ".target sm_%d");
  if (version < 0 || target < 0) return CUDA_ERROR_INVALID_PTX;
  if (version > kNewestPtx) {
    violation("PTX ISA %d.%d: drivers of CUDA 12.0 take 8.0 at most", version / 10, version % 10);
    return CUDA_ERROR_UNSUPPORTED_PTX_VERSION;
  }
  if (target > limits::arch()) return CUDA_ERROR_NO_BINARY_FOR_GPU;
  size_t marker = image.text.find(kPtxMarker);
  if (marker != std::string::npos) {
    size_t name = marker + strlen(kPtxMarker);
    image = {ImageKind::kMarker, image.text.substr(name, image.text.find('\n', name) - name)};
  }
  return CUDA_SUCCESS;
}

bool imageHolds(const Image& image, const std::string& name, const KernelRef& compiled, std::string& complaint) {
  const emu::Kernel* kernel = compiled.kernel;
  if (image.kind == ImageKind::kBinary) return kernel != nullptr;
  if (image.kind == ImageKind::kMarker) {
    return kernel && compiled.library->file.find("/" + image.text + ".so") != std::string::npos;
  }
  size_t entry = image.text.find(".entry " + name + "(");
  if (entry == std::string::npos) return false;
  if (!kernel) {
    complaint = name + " is in the PTX, but no kernel compiled by g++ has that name";
    return false;
  }
  size_t open = image.text.find('(', entry);
  std::vector<unsigned> sizes = parameterSizes(image.text.substr(open, image.text.find(')', open) - open));
  bool same = sizes.size() == kernel->parameterCount;
  for (unsigned i = 0; same && i < kernel->parameterCount; ++i) same = sizes[i] == kernel->parameters[i].size;
  if (!same) complaint = name + ": the parameters in the PTX are not those of the source; the PTX is stale";
  return same;
}

}  // namespace shim
