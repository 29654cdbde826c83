package io.densepure.compute.cuda;

import java.util.Arrays;
import java.util.List;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;
import jcuda.nvrtc.JNvrtc;

/**
 * One of NVIDIA's libraries, as found on this machine. Nothing here throws because something is not
 * installed.
 *
 * @param name for people
 * @param file what the loader was asked for, as {@code libcudnn.so.9}
 * @param version as the library tells it; null if it was not found or does not load
 * @param problem why it cannot be used, or null
 * @param install what brings it
 * @param needed whether nothing works without it; NVRTC is needed only to compile kernels
 */
public record CudaLibrary(
    String name, String file, String version, String problem, String install, boolean needed) {

  private static final String FROM_NVIDIA = " from NVIDIA's package repository for CUDA 12";

  /** What is looked for, what brings it, and which other versions people have. */
  private enum Known {
    DRIVER(
        "CUDA driver",
        "libcuda.so.1",
        "the NVIDIA driver, 525 or newer (Debian: nvidia-driver, Ubuntu: nvidia-driver-550)"),
    CUBLAS(
        "cuBLAS",
        "libcublas.so.12",
        "libcublas12 (Debian 13, Ubuntu 24.04) or libcublas-12-6" + FROM_NVIDIA,
        "libcublas.so.13",
        "libcublas.so.11"),
    CUDNN(
        "cuDNN",
        "libcudnn.so.9",
        "libcudnn9-cuda-12" + FROM_NVIDIA,
        "libcudnn.so.10",
        "libcudnn.so.8"),
    NVRTC(
        "NVRTC",
        NvrtcCompiler.LIBRARY,
        "libnvrtc12 (Debian 13, Ubuntu 24.04) or cuda-nvrtc-12-6 and cuda-nvcc-12-6" + FROM_NVIDIA,
        "libnvrtc.so.13",
        "libnvrtc.so.11.2");

    private final String label;
    private final String file;
    private final String install;
    private final List<String> others;

    Known(String label, String file, String install, String... others) {
      this.label = label;
      this.file = file;
      this.install = install;
      this.others = List.of(others);
    }

    /**
     * @throws LinkageError if JCuda's native library does not fit
     */
    private String version() {
      JCudaNatives.load(binding());
      return switch (this) {
        case DRIVER -> {
          int[] v = new int[1];
          Check.driver(JCudaDriver.cuDriverGetVersion(v), "asking for the driver's version");
          yield CudaRuntime.version(v[0]);
        }
        case CUBLAS -> {
          int[][] v = new int[3][1]; // major, minor, patch: cuBLAS's numbers of these properties
          for (int property = 0; property < v.length; property++) {
            Check.blas(JCublas2.cublasGetProperty(property, v[property]), "asking for its version");
          }
          yield v[0][0] + "." + v[1][0] + "." + v[2][0];
        }
        case CUDNN -> CudaRuntime.cudnnVersion(JCudnn.cudnnGetVersion());
        case NVRTC -> {
          int[] major = new int[1];
          int[] minor = new int[1];
          NvrtcCompiler.check(JNvrtc.nvrtcVersion(major, minor), "asking for its version");
          yield major[0] + "." + minor[0];
        }
      };
    }

    private Class<?> binding() {
      return switch (this) {
        case DRIVER -> JCudaDriver.class;
        case CUBLAS -> JCublas2.class;
        case CUDNN -> JCudnn.class;
        case NVRTC -> JNvrtc.class;
      };
    }

    private CudaLibrary find() {
      if (!NativeLibraries.load(file)) {
        return problem(
            others.stream()
                .filter(NativeLibraries::load)
                .findFirst()
                .map(other -> "not found; there is " + other + ", which is another version")
                .orElse("not found on the loader's path"));
      }
      try {
        String version = version();
        return new CudaLibrary(label, file, version, complaint(version), install, isNeeded());
      } catch (LinkageError | RuntimeException e) {
        return problem("found, but does not work: " + CudaRuntime.firstLine(e));
      }
    }

    /** Null if the version will do. */
    private String complaint(String version) {
      int major = Integer.parseInt(version.substring(0, version.indexOf('.')));
      return switch (this) {
        case DRIVER -> major >= 12 ? null : "too old, CUDA 12.0 or newer is needed";
        case CUDNN -> major == 9 ? null : "another version than it claims, 9 is needed";
        case CUBLAS, NVRTC -> major == 12 ? null : "another version than it claims, 12 is needed";
      };
    }

    private CudaLibrary problem(String what) {
      return new CudaLibrary(label, file, null, what, install, isNeeded());
    }

    private boolean isNeeded() {
      return this != NVRTC || !KernelImages.standard().areBuilt();
    }
  }

  /** All that this program uses, in the order in which one would install them. */
  public static List<CudaLibrary> findAll() {
    CudaRuntime.status(); // before other versions are tried: nothing must get in its way
    return Arrays.stream(Known.values()).map(Known::find).toList();
  }
}
