#!/usr/bin/env bash
# Weak stubs for the functions that a JNI library of JCuda needs:  stubs.sh LIBRARY.so PREFIX STATUS
# Without them a call of a function that no shim implements would end the JVM ("symbol lookup error").
# Each stub names itself and returns STATUS, "not supported" in the library's own numbering.
set -euo pipefail
echo '.text'
nm -D --undefined-only "$1" | awk '{print $2}' | cut -d@ -f1 | grep -E "^$2" | sort -u |
  awk -v status="$3" '{
    printf ".weak %s\n.type %s,@function\n%s:\n", $1, $1, $1
    printf "  leaq 1f(%%rip),%%rdi\n  movl $%d,%%esi\n  jmp shim_not_implemented\n1: .asciz \"%s\"\n", status, $1
  }'
echo '.section .note.GNU-stack,"",@progbits'
