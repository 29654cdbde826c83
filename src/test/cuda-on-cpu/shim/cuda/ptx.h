// The images that modules are loaded from, as far as a driver would look at them before it compiles.
#pragma once
#include <string>

#include "launch.h"

namespace shim {

enum class ImageKind { kPtx, kMarker, kBinary };

struct Image {
  ImageKind kind;
  std::string text;  // PTX; of a marker (see ptx_marker.h), the name of the .cu file
};

// Refuses what a driver of CUDA 12 and the virtual device's architecture would refuse.
CUresult readImage(const void* data, Image& image);

// Whether the image has an entry of that name that fits the kernel compiled here. If it does not fit,
// `complaint` says how.
bool imageHolds(const Image& image, const std::string& name, const KernelRef& compiled, std::string& complaint);

}  // namespace shim
