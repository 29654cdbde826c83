package io.densepure.pipeline;

import io.densepure.compute.cpu.CpuDevice;
import io.densepure.compute.cuda.CudaDevice;
import io.densepure.compute.cuda.CudaLibrary;
import io.densepure.compute.cuda.CudaRuntime;
import java.util.ArrayList;
import java.util.List;

/** Finds out what this machine can compute with, by trying it. */
public final class Doctor {
  private Doctor() {}

  /**
   * @param cuda whether GPUs can be used, and if not why
   * @param libraries NVIDIA's, found or not
   * @param devices the CPU, then all GPUs
   * @param chosen the name of the device that {@code --backend auto} takes
   */
  public record Diagnosis(
      CudaRuntime.Status cuda,
      List<CudaLibrary> libraries,
      List<DeviceCheck> devices,
      String chosen) {

    /** Whether commands without {@code --backend} work. */
    public boolean works() {
      return devices.stream().anyMatch(d -> d.name().equals(chosen) && d.works());
    }
  }

  /** Opens every device, one after the other. Nothing that is missing or broken is thrown. */
  public static Diagnosis examine() {
    List<DeviceCheck> devices = new ArrayList<>();
    devices.add(DeviceCheck.of("cpu", CpuDevice::open));
    for (int i = 0; i < CudaRuntime.deviceCount(); i++) {
      int ordinal = i;
      devices.add(DeviceCheck.of("cuda:" + i, () -> CudaDevice.open(ordinal)));
    }
    return new Diagnosis(
        CudaRuntime.status(), CudaLibrary.findAll(), devices, Backends.automatic());
  }
}
