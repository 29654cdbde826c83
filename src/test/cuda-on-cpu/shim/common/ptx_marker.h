// How PTX from NVRTC's shim tells libcuda's shim which .cu file it stands for.
#pragma once

namespace shim {

constexpr const char* kPtxMarker = "cuda-on-cpu: kernels of ";

}  // namespace shim
