#!/usr/bin/env bash
# Compiles every kernel to PTX with nvcc, warnings as errors:  compile.sh OUTPUT_FOLDER
# Writes OUTPUT_FOLDER/compute_75/<op>.ptx (no bfloat16) and OUTPUT_FOLDER/compute_80/<op>.ptx.
# Without nvcc it writes nothing: the sources travel in the jar and NVRTC compiles them on the user's machine.
set -euo pipefail
out=$1
src=$(cd "$(dirname "$0")" && pwd)
nvcc=$(command -v nvcc || { [ -x "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc" ] && echo "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc"; } || true)
if [ -z "$nvcc" ]; then
  echo "nvcc not found: the CUDA kernels are left to NVRTC at first run"
  exit 0
fi
for arch in 75 80; do
  mkdir -p "$out/compute_$arch"
  for cu in "$src"/*.cu; do
    ptx=$out/compute_$arch/$(basename "$cu" .cu).ptx
    if [ "$ptx" -nt "$cu" ] && [ "$ptx" -nt "$src/common.cuh" ] && [ "$ptx" -nt "$src/compile.sh" ]; then
      continue
    fi
    "$nvcc" -std=c++17 -arch="compute_$arch" -ptx -Werror all-warnings -o "$ptx.part" "$cu"
    # A newer nvcc writes a PTX version that drivers of CUDA 12.0 refuse; the kernels use nothing newer than 8.0.
    sed -i 's/^\.version .*/.version 8.0/' "$ptx.part"
    mv "$ptx.part" "$ptx"
  done
done
