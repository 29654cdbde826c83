// PTX, and NVRTC that makes it.
#include "libraries.h"

CASE(ptx_is_checked) {
  Gpu gpu;
  void *module, *function;
  auto ptx = [](const char* version, const char* target, const char* entry) {
    return std::string(".version ") + version + "\n.target " + target + "\n.address_size 64\n" + entry;
  };
  const char* right =
      ".visible .entry write_at(\n.param .u64 .ptr .align 1 write_at_param_0,\n.param .u32 write_at_param_1\n)\n{ ret; "
      "}\n";
  const char* stale = ".visible .entry write_at(\n.param .u64 write_at_param_0\n)\n{ ret; }\n";
  EXPECT_STATUS(CUDA_ERROR_INVALID_PTX, cuModuleLoadData(&module, "int main() {}"));
  EXPECT_STATUS(CUDA_ERROR_NO_BINARY_FOR_GPU, cuModuleLoadData(&module, ptx("8.0", "sm_90", right).c_str()));
  OK(cuModuleLoadData(&module, ptx("8.0", "sm_80", right).c_str()));
  OK(cuModuleGetFunction(&function, module, "write_at"));
  EXPECT_STATUS(CUDA_ERROR_NOT_FOUND, cuModuleGetFunction(&function, module, "read_at"));
  OK(cuModuleUnload(module));
  OK(cuModuleLoadData(&module, ptx("8.0", "sm_80", stale).c_str()));
  EXPECT_STATUS(CUDA_ERROR_NOT_FOUND, cuModuleGetFunction(&function, module, "write_at"));
  OK(cuModuleUnload(module));
  EXPECT_STATUS(CUDA_ERROR_UNSUPPORTED_PTX_VERSION, cuModuleLoadData(&module, ptx("9.0", "sm_80", right).c_str()));
}

CASE(nvrtc) {
  Gpu gpu;
  const char* source = "#include \"common.cuh\"\nextern \"C\" __global__ void write_at(int* y, int index) {}\n";
  const char *headers[] = {"#pragma once\n"}, *names[] = {"common.cuh"}, *options[] = {"--gpu-architecture=compute_80"};
  void *program, *module, *function;
  constexpr int kCompilation = 6;
  OK(nvrtcCreateProgram(&program, source, "bad.cu", 0, nullptr, nullptr));
  EXPECT_STATUS(kCompilation, nvrtcCompileProgram(program, 1, options));
  size_t bytes;
  OK(nvrtcGetProgramLogSize(program, &bytes));
  std::string log(bytes, 0);
  OK(nvrtcGetProgramLog(program, &log[0]));
  EXPECT(log.find("cannot open source file \"common.cuh\"") != std::string::npos);
  OK(nvrtcDestroyProgram(&program));
  OK(nvrtcCreateProgram(&program, source, "bad.cu", 1, headers, names));
  OK(nvrtcCompileProgram(program, 1, options));
  OK(nvrtcGetPTXSize(program, &bytes));
  std::string ptx(bytes, 0);
  OK(nvrtcGetPTX(program, &ptx[0]));
  OK(nvrtcDestroyProgram(&program));
  OK(cuModuleLoadData(&module, ptx.c_str()));
  OK(cuModuleGetFunction(&function, module, "write_at"));
  EXPECT_STATUS(CUDA_ERROR_NOT_FOUND, cuModuleGetFunction(&function, module, "scale"));  // of another file
  OK(cuModuleUnload(module));
}
