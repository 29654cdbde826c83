package io.densepure.compute.cuda;

import io.densepure.DeviceException;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;

/**
 * Whether this machine can compute with CUDA, found out once and kept: a machine without a GPU
 * learns why not from a sentence. Nothing here throws because something is not installed.
 */
public final class CudaRuntime {
  /** The oldest driver that takes our kernels, as CUDA numbers it: 12.0. */
  private static final int MIN_DRIVER = 12_000;

  private static final int CUDNN_MAJOR = 9;

  /**
   * @param available whether {@link CudaDevice#open} can work
   * @param message one line: the versions found, or why not and what to install
   */
  public record Status(boolean available, String message) {}

  /** Computed at first use, by the class loader's rules exactly once. */
  private static final class Probe {
    static final Status STATUS = probe();
  }

  private CudaRuntime() {}

  /** What was found. Cheap after the first call. */
  public static Status status() {
    return Probe.STATUS;
  }

  /**
   * Number of usable CUDA devices.
   *
   * @return 0 if CUDA is not available
   */
  public static int deviceCount() {
    return status().available() ? countDevices() : 0;
  }

  /**
   * @throws DeviceException with the reason if CUDA is not available
   */
  static void require() {
    if (!status().available()) {
      throw new DeviceException(status().message());
    }
  }

  private static Status probe() {
    if (!NativeLibraries.load("libcuda.so.1")) {
      return missing(
          "no NVIDIA driver (libcuda.so.1) on this machine: a GPU needs one of version 525 or"
              + " newer");
    }
    List<String> libraries = new ArrayList<>();
    if (!NativeLibraries.load("libcublas.so.12")) {
      libraries.add("cuBLAS of CUDA 12 (libcublas.so.12)");
    }
    if (!NativeLibraries.load("libcudnn.so.9")) {
      libraries.add("cuDNN 9 for CUDA 12 (libcudnn.so.9)");
    }
    if (!libraries.isEmpty()) {
      return missing(
          "not on the loader's path: "
              + String.join(", ", libraries)
              + ". Install it, and name its folder in LD_LIBRARY_PATH or -D"
              + NativeLibraries.FOLDERS_PROPERTY);
    }
    try {
      return versions();
    } catch (LinkageError e) {
      return missing("JCuda's native libraries do not load: " + firstLine(e));
    } catch (DeviceException e) {
      return missing(e.getMessage());
    }
  }

  private static Status versions() {
    JCudaNatives.load(JCudaDriver.class, JCublas2.class, JCudnn.class);
    int driver = driverVersion();
    if (driver < MIN_DRIVER) {
      return missing(
          "the NVIDIA driver supports CUDA " + version(driver) + ", 12.0 or newer is needed");
    }
    long cudnn = JCudnn.cudnnGetVersion();
    if (cudnn / 10_000 != CUDNN_MAJOR) {
      return missing("cuDNN reports version " + cudnnVersion(cudnn) + ", but 9 is needed");
    }
    int started = JCudaDriver.cuInit(0);
    if (started == CUresult.CUDA_ERROR_NO_DEVICE) {
      return missing("the driver is installed but sees no GPU");
    }
    Check.driver(started, "starting the NVIDIA driver");
    if (countDevices() == 0) {
      return missing("the driver is installed but sees no GPU");
    }
    return new Status(true, "CUDA driver " + version(driver) + ", cuDNN " + cudnnVersion(cudnn));
  }

  /** 9.5.1 is 90501 since version 9; before, 8.9.7 was 8907. */
  static String cudnnVersion(long encoded) {
    long majorUnit = encoded < 10_000 ? 1000 : 10_000;
    return encoded / majorUnit + "." + encoded % majorUnit / 100 + "." + encoded % 100;
  }

  private static int driverVersion() {
    int[] version = new int[1];
    Check.driver(JCudaDriver.cuDriverGetVersion(version), "asking for the driver's version");
    return version[0];
  }

  private static int countDevices() {
    int[] count = new int[1];
    Check.driver(JCudaDriver.cuDeviceGetCount(count), "counting CUDA devices");
    return count[0];
  }

  private static Status missing(String reason) {
    return new Status(false, "CUDA is not available: " + reason);
  }

  static String version(int encoded) {
    return encoded / 1000 + "." + encoded % 1000 / 10;
  }

  static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.getClass().getSimpleName());
  }
}
