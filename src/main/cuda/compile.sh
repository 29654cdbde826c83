#!/usr/bin/env bash
# Compiles every kernel to PTX with nvcc, warnings as errors:  compile.sh OUTPUT_FOLDER
# Writes OUTPUT_FOLDER/compute_75/<op>.ptx (no bfloat16) and OUTPUT_FOLDER/compute_80/<op>.ptx where they are not newer
# than their sources. Without nvcc it writes nothing: the sources travel in the jar and NVRTC compiles them on the
# user's machine.
set -euo pipefail
out=$1
src=$(cd "$(dirname "$0")" && pwd)
nvcc=$(PATH="$PATH:${CUDA_HOME:-/usr/local/cuda}/bin" command -v nvcc || true)
if [ -z "$nvcc" ]; then
  echo "nvcc not found: the CUDA kernels are left to NVRTC at first run"
  exit 0
fi

compile() {
  local arch=$1 cu=$2 ptx
  ptx=$out/compute_$arch/$(basename "$cu" .cu).ptx
  if [ "$ptx" -nt "$cu" ] && [ "$ptx" -nt "$src/common.cuh" ] && [ "$ptx" -nt "$src/compile.sh" ]; then
    return
  fi
  "$nvcc" -std=c++17 -arch="compute_$arch" -ptx -Werror all-warnings -o "$ptx.part" "$cu"
  # A newer nvcc writes a PTX version that drivers of CUDA 12.0 refuse; the kernels use nothing newer than 8.0.
  sed -i 's/^\.version .*/.version 8.0/' "$ptx.part"
  mv "$ptx.part" "$ptx"
}
export -f compile
export nvcc out src

mkdir -p "$out/compute_75" "$out/compute_80"
for arch in 75 80; do
  for cu in "$src"/*.cu; do printf '%s %s\0' "$arch" "$cu"; done
done | xargs -0 -P "$(nproc)" -I{} bash -euc 'compile ${1%% *} "${1#* }"' _ {}
