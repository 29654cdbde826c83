package io.densepure.api;

import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.Shape;
import io.densepure.config.DiffusionConfig;
import io.densepure.config.SetupConfig;
import io.densepure.data.Dataset;
import io.densepure.diffusion.ReverseMode;
import io.densepure.pipeline.Backends;
import io.densepure.pipeline.DenoisingMethod;
import io.densepure.pipeline.Devices;
import io.densepure.pipeline.Execution;
import io.densepure.pipeline.PurifyRequest;
import io.densepure.pipeline.PurifyRun;
import io.densepure.pipeline.Setup;
import io.densepure.pipeline.SmoothingNoise;
import java.nio.file.Path;
import java.util.List;

/**
 * A diffusion model on one or more devices, ready to take noise of one standard deviation out of
 * images. Holds native memory: close it, after the certifiers that use it. For one thread.
 */
public final class Denoiser implements AutoCloseable {
  static final long USUAL_SEED = 1234;

  private final Setup setup;
  private final double sigma;
  private final ReverseMode mode; // null: images stay noisy
  private final DenoisingMethod method; // null: images stay noisy
  private final Execution execution;
  private final Devices devices;

  private Denoiser(Builder builder) {
    setup = new Setup(builder.config);
    sigma = builder.sigma;
    execution = new Execution(builder.batch, builder.dtype);
    mode = builder.mode;
    method = DenoisingMethod.load(setup, sigma, builder.mode);
    devices = Backends.openAll(builder.backend, builder.gpus, builder.threads);
    try {
      for (Device device : devices.all()) {
        Backends.requireDtype(device, builder.dtype);
      }
    } catch (RuntimeException e) {
      devices.close();
      throw e;
    }
  }

  /** The small model that comes with DensePure: Fashion-MNIST, one channel, 32×32. */
  public static Builder bundled() {
    return of("fashion-mnist");
  }

  /**
   * The model of a configuration.
   *
   * @param config a YAML file as for {@code --config}, or {@code cifar10} or {@code imagenet}
   * @throws io.densepure.InputException if it is not found or wrong
   */
  public static Builder of(String config) {
    return new Builder(SetupConfig.load(config, null));
  }

  /** What a denoiser is to be like. */
  public static final class Builder {
    private SetupConfig config;
    private String backend = "auto";
    private String gpus;
    private int threads;
    private double sigma = 0.5;
    private ReverseMode mode = new ReverseMode.OneShot(0);
    private DType dtype = DType.F32;
    private int batch;

    private Builder(SetupConfig config) {
      this.config = config;
    }

    /** Takes the weights from another file. */
    public Builder checkpoint(Path file) {
      DiffusionConfig diffusion = config.diffusion().withCheckpoint(file.toString());
      config =
          new SetupConfig(
              config.source(),
              config.directory(),
              config.dataset(),
              diffusion,
              config.classifiers());
      return this;
    }

    /** Standard deviation of the noise, on pixels in [0, 1]. Default: 0.5. */
    public Builder sigma(double s) {
      sigma = s;
      return this;
    }

    /** Denoise in one step, as Carlini et al. 2022. This is the default. */
    public Builder oneShot() {
      mode = new ReverseMode.OneShot(0);
      return this;
    }

    /** Denoise in {@code b} reverse steps, as DensePure. */
    public Builder steps(int b) {
      mode = new ReverseMode.Steps(b);
      return this;
    }

    /** Denoise through every timestep. */
    public Builder fullChain() {
      mode = new ReverseMode.Full();
      return this;
    }

    /** Do not denoise: the bare classifier under smoothing, for comparison. */
    public Builder none() {
      mode = null;
      return this;
    }

    /**
     * {@code auto} (the default: a GPU if there is one), {@code cpu}, {@code cuda}, {@code cuda:N}.
     */
    public Builder backend(String name) {
      backend = name;
      return this;
    }

    /** Several GPUs that share the work: their numbers, as {@code 0,1}, or {@code all}. */
    public Builder devices(String numbers) {
      gpus = numbers;
      return this;
    }

    /** CPU threads; 0, the default, for one per core. */
    public Builder threads(int count) {
      threads = count;
      return this;
    }

    /** Precision inside the model; the default is float32. */
    public Builder dtype(DType precision) {
      dtype = precision;
      return this;
    }

    /** Noisy copies at once; 0, the default, for what suits the device. Changes no result. */
    public Builder batch(int lanes) {
      batch = lanes;
      return this;
    }

    /**
     * Loads the model and opens the devices.
     *
     * @throws io.densepure.InputException if weights are missing or anything does not fit
     * @throws io.densepure.DeviceException if a device cannot be used
     */
    public Denoiser open() {
      return new Denoiser(this);
    }
  }

  /** Standard deviation of the noise, on pixels in [0, 1]. */
  public double sigma() {
    return sigma;
  }

  /** Channels of the images: 1 or 3. */
  public int channels() {
    return setup.imageChannels();
  }

  /** Height and width of the images. */
  public int size() {
    return setup.imageSize();
  }

  /**
   * The test images of the configuration.
   *
   * @throws io.densepure.InputException if they are missing or broken
   */
  public Dataset dataset() {
    return setup.dataset();
  }

  /**
   * Adds noise to an image and takes it out again: what a classifier gets to see. The copy is the
   * first one by which certifying the image at this index bounds its radius.
   *
   * @param index part of the key of the noise
   * @param image {@code [C, H, W]} in [0, 1]
   * @return {@code [C, H, W]}, mostly in [0, 1]
   */
  public float[] denoise(int index, float[] image) {
    requireShape(image);
    PurifyRequest request = new PurifyRequest(null, noise(USUAL_SEED, List.of(0L)), 0, execution);
    try (PurifyRun run =
        PurifyRun.open(
            devices.all().get(0), method, request, channels(), size(), size(), said -> {})) {
      return run.run(index, image, step -> {}).denoised().get(0);
    }
  }

  void requireShape(float[] image) {
    if (image.length != elements()) {
      throw new IllegalArgumentException(
          "an image has %d values, [%d, %d, %d], not %d"
              .formatted(elements(), channels(), size(), size(), image.length));
    }
  }

  private int elements() {
    return channels() * size() * size();
  }

  Shape shape() {
    return Shape.of(channels(), size(), size());
  }

  SmoothingNoise noise(long seed, List<Long> reverseSeeds) {
    return new SmoothingNoise(sigma, seed, reverseSeeds);
  }

  /** Whether all denoisings of a noisy copy are the same. */
  boolean alwaysAgrees() {
    return method == null || mode instanceof ReverseMode.OneShot;
  }

  DenoisingMethod method() {
    return method;
  }

  Execution execution() {
    return execution;
  }

  Devices devices() {
    return devices;
  }

  @Override
  public void close() {
    devices.close();
  }
}
