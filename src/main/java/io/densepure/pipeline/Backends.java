package io.densepure.pipeline;

import io.densepure.InputException;
import io.densepure.compute.Device;
import io.densepure.compute.cpu.CpuDevice;
import io.densepure.compute.cuda.CudaDevice;
import io.densepure.compute.cuda.CudaRuntime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Opens compute devices by the names the command line uses. */
public final class Backends {
  private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");

  private Backends() {}

  /**
   * @param name {@code cpu}, {@code cuda} (the first GPU), {@code cuda:N}, or {@code auto}: a GPU
   *     if this machine has a usable one, else the CPU
   * @param threads CPU threads, or 0 for the default
   * @throws InputException if there is no such backend
   * @throws io.densepure.DeviceException if it cannot run on this machine; one line that says why
   */
  public static Device open(String name, int threads) {
    Matcher cuda = CUDA.matcher(name);
    if (cuda.matches()) {
      return CudaDevice.open(cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1)));
    }
    return switch (name) {
      case "cpu" -> cpu(threads);
      case "auto" -> CudaRuntime.deviceCount() > 0 ? CudaDevice.open(0) : cpu(threads);
      default -> throw InputException.of("--backend '%s' is none of auto, cpu, cuda, cuda:N", name);
    };
  }

  private static Device cpu(int threads) {
    return threads > 0 ? CpuDevice.open(threads) : CpuDevice.open();
  }
}
