// Where every function goes that JCuda's native code names and no shim implements.
#include <cstdio>

#include "library.h"

extern "C" __attribute__((visibility("hidden"))) long shim_not_implemented(const char* function, long status) {
  shim::violation("%s is not implemented by the harness", function);
  return status;
}
