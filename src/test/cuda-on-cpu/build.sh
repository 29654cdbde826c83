#!/usr/bin/env bash
# Builds the shims and the kernels with g++ into target/cuda-on-cpu (or $CUDA_ON_CPU_OUT). Only what
# changed is built again: each output keeps the hash of everything that it was made from.
#   build.sh               shims and kernels
#   build.sh sanitize      also kernels with AddressSanitizer and UBSan, in kernels-sanitize
#   build.sh trace         also kernels whose every load and store is watched, in kernels-trace
#   build.sh selftest      also the harness's test of itself
#   CUDA_ON_CPU_SOURCES=...  folder of .cu files, instead of src/main/cuda
#   CUDA_ON_CPU_JARS=a:b     JCuda's native jars, instead of those in Maven's local repository
set -euo pipefail
shopt -s nullglob
trap 'echo "$0: failed at line $LINENO" >&2' ERR
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
sources=${CUDA_ON_CPU_SOURCES:-$root/src/main/cuda}
out=${CUDA_ON_CPU_OUT:-$root/target/cuda-on-cpu}
extra=${1:-}
cxx=${CXX:-g++}

mkdir -p "$out/obj"
exec 9> "$out/.lock"
flock 9

common="-std=c++17 -march=native -fPIC -Wall -Wextra -fno-strict-aliasing"
# Kernels: no contraction that CUDA source does not ask for; __shared__ variables private to each file.
kernel="$common -O3 -ffp-contract=off -fno-math-errno -fvisibility=hidden -fno-gnu-unique"
kernel="$kernel -Wno-unknown-pragmas -Wno-unused -Wno-attributes"
# The address sanitizer's library comes with the process (see with-cuda-on-cpu). The calls that the
# thread sanitizer inserts are answered by libcuda.so.1 (see shim/cuda/trace.h), not by its own library.
sanitizers="-fsanitize=address,undefined"
sanitized="$kernel -g $sanitizers -fno-sanitize=vptr -fno-sanitize-recover=undefined"
traced="${kernel/-O3/-O1} -g -fsanitize=thread --param tsan-instrument-func-entry-exit=0"

# -march=native: what was built on another machine may not run on this one.
machine=$("$cxx" --version | head -1; "$cxx" -march=native -Q --help=target | sha256sum)
# hash_of WORDS...: of the words and of standard input.
hash_of() { { echo "$machine" "$@"; cat; } | sha256sum | cut -c1-32; }
hash_file() { echo "$out/obj/$(basename "$1").hash"; }
# Whether OUTPUT ($1) must be made again, given the HASH ($2) of what it is made from.
stale() { [ ! -e "$1" ] || [ "$(cat "$(hash_file "$1")" 2> /dev/null)" != "$2" ]; }
headers_under() { find "${@/#/$here/}" -name '*.h' | sort | xargs cat | hash_of; }

# Commands that may run side by side; each makes one output, then notes its hash.
queue=()
later() { queue+=("{ $3; } && echo $2 > '$(hash_file "$1")'"); }
run_queue() {
  [ ${#queue[@]} -eq 0 ] || printf '%s\0' "${queue[@]}" | xargs -0 -P "$(nproc)" -n 1 bash -ec
  queue=()
}

# ---- JCuda's JNI libraries: the stubs are made from what they need

native_jars() {
  if [ -n "${CUDA_ON_CPU_JARS:-}" ]; then
    tr ':' '\n' <<< "$CUDA_ON_CPU_JARS"
  else
    printf '%s\n' "${MAVEN_REPOSITORY:-$HOME/.m2/repository}"/org/jcuda/*-natives/*/*-linux-x86_64.jar
  fi
}

extract_jni() {
  local jars hash
  jars=$(native_jars)
  if [ -z "$jars" ]; then
    (cd "$root" && mvn -q -B dependency:resolve > /dev/null) || true
    jars=$(native_jars)
  fi
  if [ -z "$jars" ]; then
    echo "JCuda's native jars were not found: run 'mvn dependency:resolve' or set CUDA_ON_CPU_JARS" >&2
    exit 1
  fi
  hash=$(hash_of jni <<< "$jars")
  stale "$out/jni/lib" "$hash" || return 0
  mkdir -p "$out/jni"
  while read -r jar; do (cd "$out/jni" && jar xf "$jar" lib); done <<< "$jars"
  echo "$hash" > "$(hash_file "$out/jni/lib")"
}

# ---- shims

object_of() { echo "$out/obj/$(basename "$(dirname "$1")")-$(basename "$1" .cpp).o"; }
objects_of() { for s in "$here/$1"/*.cpp; do object_of "$s"; done; }

# compile_folder FOLDER FLAGS...
compile_folder() {
  local source object hash
  for source in "$here/$1"/*.cpp; do
    object=$(object_of "$source")
    hash=$(hash_of "$shim_headers" "${@:2}" < "$source")
    stale "$object" "$hash" || continue
    later "$object" "$hash" "$cxx ${*:2} -c '$source' -o '$object'"
  done
}

# link LIBRARY VERSION-MAP JNI-LIBRARY PREFIX STATUS OBJECTS...
# Always with a version script, or the dynamic loader trips over the versions that JCuda's natives ask for.
link() {
  local library=$out/$1 map=$here/shim/versions/$2 jni stubs hash
  jni=$(echo "$out/jni/lib/lib$3"-*-linux-x86_64.so)
  stubs=$out/obj/stubs-$1.s
  hash=$(cat "$jni" "$map" "$here/stubs.sh" "${@:6}" | hash_of link)
  stale "$library" "$hash" || return 0
  "$here/stubs.sh" "$jni" "$4" "$5" > "$stubs"
  "$cxx" -shared -fPIC "$stubs" "${@:6}" -Wl,-soname,"$1" -Wl,-z,defs -Wl,--version-script="$map" \
    -Wl,-rpath,'$ORIGIN' -lpthread -ldl -o "$library.part"
  mv "$library.part" "$library"
  echo "$hash" > "$(hash_file "$library")"
}

build_shims() {
  local folder stub numbers driver=$out/libcuda.so.1
  shim_headers=$(headers_under emu shim)
  compile_folder emu "$common" -O2
  for folder in cuda cublas nvrtc; do compile_folder "shim/$folder" "$common" -O2; done
  for folder in common cudnn; do compile_folder "shim/$folder" "$common" -O3; done
  run_queue
  stub=$out/obj/common-stub.o
  numbers="$out/obj/common-numbers.o $out/obj/common-gemm.o"
  link libcuda.so.1 cuda.map JCudaDriver cu 801 $(objects_of emu) $(objects_of shim/cuda) "$stub"
  link libcublas.so.12 cublas.map JCublas2 cublas 15 $(objects_of shim/cublas) $numbers "$stub" "$driver"
  link libcudnn.so.9 cudnn.map JCudnn cudnn 3000 $(objects_of shim/cudnn) $numbers "$stub" "$driver"
  link libnvrtc.so.12 nvrtc.map JNvrtc nvrtc 11 $(objects_of shim/nvrtc) "$stub" "$driver"
}

# ---- kernels: one library per .cu file

# build_kernels SOURCES DESTINATION FLAGS [LINKER FLAGS]
build_kernels() {
  local sources=$1 to=$2 flags=$3 headers file name library object hash
  headers=$(headers_under emu)
  mkdir -p "$to"
  for file in "$sources"/*.cu; do
    name=$(basename "$to")-$(basename "$file" .cu)
    library=$to/$(basename "$file" .cu).so
    object=$out/obj/$name
    hash=$(cat "$file" "$sources"/*.cuh "$here/wrap-kernel.sh" | hash_of "$headers" "$flags")
    [ -e "$library" ] && ! stale "$object.o" "$hash" && continue
    later "$object.o" "$hash" "'$here/wrap-kernel.sh' '$file' > '$object.cpp' \
      && $cxx $flags -I '$here/emu/include' -I '$sources' -include '$here/emu/cuda_emu.h' -c '$object.cpp' -o '$object.o' \
      && $cxx -shared ${4:-} '$object.o' -o '$library.part' && mv '$library.part' '$library'"
  done
  run_queue
  for library in "$to"/*.so; do
    [ -e "$sources/$(basename "$library" .so).cu" ] || rm "$library"
  done
}

# ---- the harness's test of itself

build_selftest() {
  local toolkit=${CUDA_HOME:-/usr/local/cuda}/include
  [ ! -e "$toolkit/cuda.h" ] || "$cxx" -std=c++17 -fsyntax-only -I "$toolkit" "$here/selftest/abi/abi_check.cpp"
  build_kernels "$here/selftest/kernels" "$out/selftest-kernels" "$kernel"
  build_kernels "$here/selftest/kernels" "$out/selftest-kernels-trace" "$traced"
  build_kernels "$here/selftest/kernels" "$out/selftest-kernels-sanitize" "$sanitized" "$sanitizers"
  shim_headers=$(headers_under emu shim selftest)
  compile_folder selftest "$common" -O1
  run_queue
  "$cxx" $(objects_of selftest) "$out"/lib*.so.* -Wl,-rpath,"$out" -o "$out/selftest"
}

# Nothing changed at all: found out with a handful of processes instead of hundreds.
everything=$({ find "$here" "$sources" -type f ! -name '*.md' | sort | xargs cat; native_jars; } | hash_of "$kernel" "$extra")
complete=$out/complete${extra:+-$extra}
if stale "$complete" "$everything"; then
  extract_jni
  build_shims
  build_kernels "$sources" "$out/kernels" "$kernel"
  case $extra in
    sanitize) build_kernels "$sources" "$out/kernels-sanitize" "$sanitized" "$sanitizers" ;;
    trace) build_kernels "$sources" "$out/kernels-trace" "$traced" ;;
    selftest) build_selftest ;;
  esac
  touch "$complete"
  echo "$everything" > "$(hash_file "$complete")"
fi
