package io.densepure.compute.cuda;

import io.densepure.DeviceException;
import io.densepure.compute.DType;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/**
 * Our kernels on one device: one module per source file in {@code src/main/cuda}, loaded when first
 * asked for.
 */
class Kernels implements AutoCloseable {
  private final CudaContext context;
  private final KernelImages images;
  private final Map<String, CUmodule> modules = new HashMap<>();
  private final Map<String, Kernel> kernels = new HashMap<>();

  Kernels(CudaContext context, KernelImages images) {
    this.context = context;
    this.images = images;
  }

  /** As {@code f16}: what the names of kernels for this type end in. */
  static String suffix(DType dtype) {
    return dtype.name().toLowerCase(Locale.ROOT);
  }

  /**
   * A kernel by its file and its variant: ({@code "cast"}, {@code "f32_f16"}) is {@code
   * cast_f32_f16} of {@code cast.cu}.
   */
  Kernel get(String file, String variant) {
    return kernels.computeIfAbsent(file + "_" + variant, name -> load(file, name));
  }

  /** The variant of a kernel for one element type. */
  Kernel get(String file, DType dtype) {
    return get(file, suffix(dtype));
  }

  private Kernel load(String file, String name) {
    CUfunction function = new CUfunction();
    CUmodule module = modules.computeIfAbsent(file, this::loadModule);
    Check.driver(JCudaDriver.cuModuleGetFunction(function, module, name), "loading kernel " + name);
    return new Kernel(name, function, context.stream());
  }

  /**
   * @throws DeviceException if the driver refuses the module
   */
  private CUmodule loadModule(String file) {
    CUmodule module = new CUmodule();
    byte[] ptx = images.ptx(file, context.computeCapability());
    Check.driver(JCudaDriver.cuModuleLoadData(module, ptx), "loading the kernels of " + file);
    return module;
  }

  /** Best effort, as the device may be lost. */
  @Override
  public void close() {
    modules.values().forEach(JCudaDriver::cuModuleUnload);
    modules.clear();
    kernels.clear();
  }
}
