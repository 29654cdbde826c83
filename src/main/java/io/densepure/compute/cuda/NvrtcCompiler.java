package io.densepure.compute.cuda;

import io.densepure.DeviceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;
import jcuda.nvrtc.nvrtcResult;

/** NVIDIA's runtime compiler, for programs that were built where there was no nvcc. */
final class NvrtcCompiler implements KernelImages.Compiler {
  static final String LIBRARY = "libnvrtc.so.12";

  private final List<Path> headerFolders;

  /**
   * @param headerFolders where to look for the toolkit's headers, best first
   */
  NvrtcCompiler(List<Path> headerFolders) {
    this.headerFolders = headerFolders;
  }

  /** Looks for headers where toolkits are installed; CUDA_HOME and CUDA_PATH come first. */
  static NvrtcCompiler standard() {
    return new NvrtcCompiler(
        Stream.of(
                System.getenv("CUDA_HOME"),
                System.getenv("CUDA_PATH"),
                "/usr/local/cuda",
                "/usr/local/cuda-12",
                "/opt/cuda",
                "/usr")
            .filter(Objects::nonNull)
            .map(toolkit -> Path.of(toolkit, "include"))
            .toList());
  }

  @Override
  public String version() {
    if (!NativeLibraries.load(LIBRARY)) {
      throw new DeviceException(
          "this program was built without nvcc, so its CUDA kernels must be compiled here, but "
              + LIBRARY
              + " is not on the loader's path: install NVRTC of CUDA 12, or build with nvcc");
    }
    try {
      JCudaNatives.load(JNvrtc.class);
      int[] major = new int[1];
      int[] minor = new int[1];
      check(JNvrtc.nvrtcVersion(major, minor), "asking NVRTC for its version");
      return major[0] + "." + minor[0];
    } catch (LinkageError e) {
      throw new DeviceException("JCuda's NVRTC binding does not load: " + e.getMessage(), e);
    }
  }

  @Override
  public String compile(String name, String source, Map<String, String> headers, String arch) {
    nvrtcProgram program = new nvrtcProgram();
    String[] headerNames = headers.keySet().toArray(String[]::new);
    String[] headerSources = Stream.of(headerNames).map(headers::get).toArray(String[]::new);
    check(
        JNvrtc.nvrtcCreateProgram(
            program, source, name, headerNames.length, headerSources, headerNames),
        "preparing " + name);
    try {
      String[] options = {
        "--gpu-architecture=" + arch, "--std=c++17", "--include-path=" + toolkitHeaders()
      };
      int status = JNvrtc.nvrtcCompileProgram(program, options.length, options);
      if (status != nvrtcResult.NVRTC_SUCCESS) {
        throw new DeviceException("NVRTC cannot compile " + name + ": " + complaint(program));
      }
      String[] ptx = new String[1];
      check(JNvrtc.nvrtcGetPTX(program, ptx), "reading the result for " + name);
      return ptx[0];
    } finally {
      JNvrtc.nvrtcDestroyProgram(program);
    }
  }

  /** The folder of {@code cuda_fp16.h} and {@code mma.h}, which NVRTC does not bring along. */
  private Path toolkitHeaders() {
    return headerFolders.stream()
        .filter(folder -> Files.exists(folder.resolve("cuda_fp16.h")))
        .findFirst()
        .orElseThrow(
            () ->
                new DeviceException(
                    "compiling the CUDA kernels needs the toolkit's headers (cuda_fp16.h, mma.h):"
                        + " install them and name the toolkit's folder in CUDA_HOME"));
  }

  private static String complaint(nvrtcProgram program) {
    String[] log = new String[1];
    if (JNvrtc.nvrtcGetProgramLog(program, log) != nvrtcResult.NVRTC_SUCCESS) {
      return "no log";
    }
    return log[0].lines().filter(l -> l.contains("error")).findFirst().orElse(log[0].strip());
  }

  static void check(int status, String doing) {
    if (status != nvrtcResult.NVRTC_SUCCESS) {
      throw new DeviceException(
          "NVRTC failed while " + doing + ": " + JNvrtc.nvrtcGetErrorString(status));
    }
  }
}
