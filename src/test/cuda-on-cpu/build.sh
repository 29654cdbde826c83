#!/usr/bin/env bash
# Builds the shims and the kernels with g++ into target/cuda-on-cpu (or $CUDA_ON_CPU_OUT). Only what
# changed is built again: each output keeps the hash of everything that it was made from.
#   CUDA_ON_CPU_SANITIZE=1   with AddressSanitizer and UBSan, into target/cuda-on-cpu-sanitize
#   CUDA_ON_CPU_SOURCES=...  folder of .cu files, instead of src/main/cuda
#   CUDA_ON_CPU_JARS=a:b     where JCuda's native jars are, instead of Maven's local repository
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
sources=${CUDA_ON_CPU_SOURCES:-$root/src/main/cuda}
sanitize=${CUDA_ON_CPU_SANITIZE:-0}
out=${CUDA_ON_CPU_OUT:-$root/target/cuda-on-cpu$([ "$sanitize" = 0 ] || echo -sanitize)}
cxx=${CXX:-g++}
jobs=$(nproc)

mkdir -p "$out/obj" "$out/kernels"
exec 9> "$out/.lock"
flock 9

common="-std=c++17 -O3 -march=native -fPIC -Wall -Wextra -Wno-unknown-pragmas -fno-strict-aliasing"
# Kernels: no contraction that CUDA source does not ask for; __shared__ variables private to each file.
kernel="$common -ffp-contract=off -fno-math-errno -fvisibility=hidden -fno-gnu-unique -Wno-unused -Wno-attributes"
if [ "$sanitize" != 0 ]; then
  kernel="$kernel -g -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=undefined"
fi
# -march=native: objects made on another machine may not run on this one.
machine=$("$cxx" --version | head -1; "$cxx" -march=native -Q --help=target | sha256sum)

# stale OUTPUT HASH: whether OUTPUT must be made; done OUTPUT HASH: that it was.
stale() { [ ! -e "$1" ] || [ "$(cat "$out/obj/$(basename "$1").hash" 2> /dev/null)" != "$2" ]; }
made() { echo "$2" > "$out/obj/$(basename "$1").hash"; }
hash_of() { { echo "$machine" "$@"; cat; } | sha256sum; }

# The jars that hold JCuda's JNI libraries.
native_jars() {
  if [ -n "${CUDA_ON_CPU_JARS:-}" ]; then
    tr ':' '\n' <<< "$CUDA_ON_CPU_JARS"
  else
    local repository=${MAVEN_REPOSITORY:-$HOME/.m2/repository}
    ls "$repository"/org/jcuda/*-natives/*/*-linux-x86_64.jar 2> /dev/null
  fi
}

# Unpacks the JNI libraries: the stubs are made from what they need.
extract_jni() {
  local jars=$(native_jars || true)
  if [ -z "$jars" ]; then
    (cd "$root" && mvn -q -B dependency:resolve > /dev/null) || true
    jars=$(native_jars || true)
  fi
  if [ -z "$jars" ]; then
    echo "JCuda's native jars were not found; run mvn dependency:resolve, or set CUDA_ON_CPU_JARS" >&2
    exit 1
  fi
  local hash=$(hash_of jni <<< "$jars")
  stale "$out/jni/lib" "$hash" || return 0
  mkdir -p "$out/jni"
  while read -r jar; do (cd "$out/jni" && jar xf "$jar"); done <<< "$jars"
  made "$out/jni/lib" "$hash"
}

# compile SOURCE OBJECT FLAGS...: one line for the parallel run below, if it is stale.
headers=$(find "$here" \( -name '*.h' -o -name '*.map' \) | sort | xargs cat | sha256sum)
queue=()
enqueue() {
  local object=$2 hash
  hash=$(hash_of "$headers" "${*:3}" < "$1")
  stale "$object" "$hash" || return 0
  queue+=("$cxx ${*:3} -c '$1' -o '$object' && echo '$hash' > '$out/obj/$(basename "$object").hash'")
}

enqueue_kernel() {
  local file=$1 name library hash
  name=$(basename "$file" .cu)
  library=$out/kernels/$name.so
  hash=$(cat "$file" "$(dirname "$file")"/*.cuh "$here/wrap-kernel.sh" 2> /dev/null | hash_of "$headers" "$kernel")
  stale "$library" "$hash" || return 0
  queue+=("'$here/wrap-kernel.sh' '$file' > '$out/obj/$name.cu.cpp' && $cxx $kernel -I '$here/emu/include' \
    -I '$(dirname "$file")' -include '$here/emu/cuda_emu.h' -shared '$out/obj/$name.cu.cpp' -o '$library.part' \
    && mv '$library.part' '$library' && echo '$hash' > '$out/obj/$name.so.hash'")
}

run_queue() {
  [ ${#queue[@]} -gt 0 ] || return 0
  printf '%s\0' "${queue[@]}" | xargs -0 -P "$jobs" -I{} bash -c '{ {}
 } || exit 255'
  queue=()
}

objects_of() { for s in "$here/$1"/*.cpp; do echo "$out/obj/$(basename "$1")-$(basename "$s" .cpp).o"; done; }
enqueue_folder() {
  for s in "$here/$1"/*.cpp; do enqueue "$s" "$out/obj/$(basename "$1")-$(basename "$s" .cpp).o" "${@:2}"; done
}

# link LIBRARY MAP JNI-NAME PREFIX STATUS -- OBJECTS AND FLAGS
link() {
  local library=$out/$1 map=$here/shim/versions/$2.map jni prefix=$4 status=$5 hash stubs
  jni=$(ls "$out/jni/lib/lib$3"-*-linux-x86_64.so)
  shift 6
  hash=$(cat "$jni" "$here/stubs.sh" $(tr ' ' '\n' <<< "$*" | grep '\.o$') | hash_of "$*")
  stale "$library" "$hash" || return 0
  stubs=$out/obj/stubs-$(basename "$library").s
  "$here/stubs.sh" "$jni" "$prefix" "$status" > "$stubs"
  "$cxx" -shared -fPIC "$stubs" "$@" "$out/obj/common-stub.o" -Wl,-soname,"$(basename "$library")" \
    -Wl,-z,defs -Wl,--version-script="$map" -Wl,-rpath,'$ORIGIN' -lpthread -ldl -o "$library.part"
  mv "$library.part" "$library"
  made "$library" "$hash"
}

extract_jni
enqueue_folder emu $common
for folder in shim/common shim/cuda shim/cublas shim/cudnn shim/nvrtc; do enqueue_folder $folder $common; done
run_queue
link libcuda.so.1 cuda JCudaDriver cu 801 -- $(objects_of emu) $(objects_of shim/cuda)
link libcublas.so.12 cublas JCublas2 cublas 15 -- $(objects_of shim/cublas) "$out/obj/common-gemm.o" "$out/obj/common-numbers.o" "$out/libcuda.so.1"
link libcudnn.so.9 cudnn JCudnn cudnn 3000 -- $(objects_of shim/cudnn) "$out/obj/common-gemm.o" "$out/obj/common-numbers.o" "$out/libcuda.so.1"
link libnvrtc.so.12 nvrtc JNvrtc nvrtc 11 -- $(objects_of shim/nvrtc) "$out/libcuda.so.1"
for file in "$sources"/*.cu; do enqueue_kernel "$file"; done
run_queue
for library in "$out"/kernels/*.so; do
  [ -e "$sources/$(basename "$library" .so).cu" ] || rm -f "$library"
done
