#!/usr/bin/env bash
# Prepares a .cu file for g++ and writes it to standard output:  wrap-kernel.sh FILE.cu
# Line numbers stay. Two things are done that a header cannot do: `extern __shared__` becomes a pointer
# to the block's dynamic shared memory, and the table of the file's kernels is added at the end.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
file=$1

dynamic_shared() {
  sed -E 's/extern[[:space:]]+__shared__[[:space:]]+(__align__\([0-9]+\)[[:space:]]+|alignas\([0-9]+\)[[:space:]]+)?([A-Za-z_][A-Za-z_0-9 :<>]*[A-Za-z_0-9>])[[:space:]]+([A-Za-z_][A-Za-z_0-9]*)[[:space:]]*\[[[:space:]]*\];/\2* const \3 = reinterpret_cast<\2*>(emu_block->dynamicShared);/'
}

# After the preprocessor, which writes out macros that define kernels, each kernel reads
#   __global__ [void] [__launch_bounds__(...)] [void] name(
table() {
  "${CXX:-g++}" -std=c++17 -march=native -E -P -DCUDA_ON_CPU_SCAN -I "$here/emu/include" -I "$(dirname "$file")" \
    -include "$here/emu/cuda_emu.h" -x c++ "$file" | tr '\n' ' ' | awk -v file="$file" '
    BEGIN { RS = "__global__" }
    NR == 1 { previous = $0; next }
    {
      if (previous !~ /extern[ ]+"C"[ ]*$/) {
        print file ": a kernel is not extern \"C\": " substr($0, 1, 80) > "/dev/stderr"
        exit 1
      }
      rest = $0; bounds = "()"
      sub(/^[ ]*/, "", rest); sub(/^void[ ]+/, "", rest)
      if (rest ~ /^__launch_bounds__/) {
        sub(/^__launch_bounds__[ ]*/, "", rest)
        depth = 0
        for (i = 1; i <= length(rest); i++) {
          c = substr(rest, i, 1)
          if (c == "(") depth++
          if (c == ")" && --depth == 0) break
        }
        bounds = substr(rest, 1, i); rest = substr(rest, i + 1)
      }
      sub(/^[ ]*/, "", rest); sub(/^void[ ]+/, "", rest)
      match(rest, /^[A-Za-z_0-9]+/)
      print "EMU_KERNEL(" substr(rest, 1, RLENGTH) ", " bounds ")"
      previous = $0
    }'
}

kernels=$(table)
printf '#line 1 "%s"\n' "$file"
dynamic_shared < "$file"
printf '\n#line 1 "kernel table"\nEMU_TABLE(%s)\n' "$kernels"
