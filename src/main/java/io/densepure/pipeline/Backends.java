package io.densepure.pipeline;

import io.densepure.DeviceException;
import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.cpu.CpuDevice;
import io.densepure.compute.cuda.CudaDevice;
import io.densepure.compute.cuda.CudaRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Opens compute devices by the names the command line uses. */
public final class Backends {
  private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");
  private static final Pattern NUMBERS = Pattern.compile("\\d{1,3}(,\\d{1,3})*");

  private Backends() {}

  /**
   * @param name {@code cpu}, {@code cuda} (the first GPU), {@code cuda:N}, or {@code auto}: a GPU
   *     if this machine has a usable one, else the CPU
   * @param threads CPU threads, or 0 for the default
   * @throws InputException if there is no such backend
   * @throws DeviceException if it cannot run on this machine; one line that says why
   */
  public static Device open(String name, int threads) {
    if (name.equals("auto")) {
      return open(automatic(), threads);
    }
    if (name.equals("cpu")) {
      return threads > 0 ? CpuDevice.open(threads) : CpuDevice.open();
    }
    Matcher cuda = CUDA.matcher(name);
    if (!cuda.matches()) {
      throw InputException.of("--backend '%s' is none of auto, cpu, cuda, cuda:N", name);
    }
    return CudaDevice.open(cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1)));
  }

  /** The backend that {@code auto} stands for on this machine. */
  static String automatic() {
    return CudaRuntime.deviceCount() > 0 ? "cuda:0" : "cpu";
  }

  /**
   * Opens the devices that share the work of a run: GPUs, or the threads of the CPU.
   *
   * @param backend as for {@link #open}
   * @param gpus numbers of GPUs, as {@code 0,1}, or {@code all}; null for the backend's one device
   * @param threads CPU threads, or 0 for the default; results do not depend on it
   * @throws InputException if {@code gpus} is neither, names a GPU twice or does not go with the
   *     backend
   * @throws DeviceException if one of the devices does not exist or cannot be used
   */
  public static Devices openAll(String backend, String gpus, int threads) {
    if (gpus == null) {
      String name = backend.equals("auto") ? automatic() : backend;
      return name.equals("cpu") ? cpuTeam(threads) : new Devices(List.of(() -> open(name, 0)));
    }
    if (!backend.equals("auto") && !backend.equals("cuda")) {
      throw InputException.of(
          "--devices names GPUs, which does not go with --backend %s; leave one of them out",
          backend);
    }
    List<Integer> numbers = gpus.equals("all") ? null : numbers(gpus);
    if (!CudaRuntime.status().available()) {
      throw new DeviceException("--devices " + gpus + ": " + CudaRuntime.status().message());
    }
    if (numbers == null) {
      numbers = IntStream.range(0, CudaRuntime.deviceCount()).boxed().toList();
    }
    List<Supplier<? extends Device>> openers = new ArrayList<>();
    numbers.forEach(number -> openers.add(() -> CudaDevice.open(number)));
    return new Devices(openers);
  }

  private static Devices cpuTeam(int threads) {
    List<CpuDevice> team = threads > 0 ? CpuDevice.openTeam(threads) : CpuDevice.openTeam();
    List<Supplier<? extends Device>> openers = new ArrayList<>();
    team.forEach(device -> openers.add(() -> device));
    return new Devices(openers);
  }

  private static List<Integer> numbers(String gpus) {
    if (!NUMBERS.matcher(gpus).matches()) {
      throw InputException.of(
          "--devices '%s' is neither a list of GPU numbers, as 0,1, nor 'all'", gpus);
    }
    List<Integer> numbers = Stream.of(gpus.split(",")).map(Integer::valueOf).toList();
    if (numbers.stream().distinct().count() < numbers.size()) {
      throw InputException.of("--devices %s names a GPU twice", gpus);
    }
    return numbers;
  }

  /**
   * @throws InputException if {@code device} cannot store {@code dtype}; names what it can
   */
  public static void requireDtype(Device device, DType dtype) {
    if (!device.supports(dtype)) {
      throw InputException.of(
          "--dtype %s is not available on %s, which has %s",
          dtype.label(),
          device.name(),
          dtypes(device).stream().map(DType::label).collect(Collectors.joining(", ")));
    }
  }

  /** What {@code device} can store activations as. */
  public static List<DType> dtypes(Device device) {
    return Stream.of(DType.F32, DType.F16, DType.BF16).filter(device::supports).toList();
  }
}
