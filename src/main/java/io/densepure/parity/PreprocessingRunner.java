package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Ops;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.util.Arrays;
import java.util.function.BiFunction;

/**
 * Images on their way into a classifier: PyTorch's bicubic interpolation, and Hugging Face's
 * feature extractor with its bytes in between.
 */
final class PreprocessingRunner implements CaseRunner {
  private static final String IN = "in_";
  private static final String BYTES = "u8_";
  private static final String RESIZED = "resized_";
  private static final String PIXELS = "pixel_values_";
  private static final String OF_BYTES = "pv_of_u8";
  private static final int VIT_SIZE = 224;

  @Override
  public boolean handles(GoldenCase c) {
    return isBicubic(c) || c.source().contains("ViTFeatureExtractor.__call__");
  }

  private static boolean isBicubic(GoldenCase c) {
    return c.source().contains("mode='bicubic'");
  }

  @Override
  public void run(Trial trial) {
    for (String name : trial.arrays().names(IN)) {
      String id = name.substring(IN.length());
      if (isBicubic(trial.golden())) {
        bicubic(trial, id);
      } else {
        featureExtractor(trial, id);
      }
    }
    if (isBicubic(trial.golden())) {
      trial.golden().config().path("crops").fieldNames().forEachRemaining(id -> large(trial, id));
    } else {
      ofBytes(trial);
    }
  }

  private static void bicubic(Trial trial, String id) {
    HostTensor golden = trial.arrays().get("out_" + id);
    Shape out = golden.shape();
    HostTensor in = trial.arrays().get(IN + id);
    float[] resized = run(trial, in, out, (ops, x) -> ops.resizeBicubic(x, out.dim(2), out.dim(3)));
    trial.comparison().close("out_" + id, golden, out, resized, trial.golden().tolerance());
  }

  /** A whole image of which only a part and the sums of its channels are recorded. */
  private static void large(Trial trial, String id) {
    JsonNode recipe = trial.golden().recipeInputs().path(IN + id);
    HostTensor in = RecipeInput.of(IN + id, recipe.path("seed").asText(), recipe.path("shape"));
    int[] crop = new int[4];
    for (int i = 0; i < crop.length; i++) {
      crop[i] = trial.golden().config().path("crops").path(id).path(i).asInt();
    }
    int size = Integer.parseInt(id.substring(id.indexOf('_') + 1));
    Shape out = Shape.of(1, in.shape().dim(1), size, size);
    float[] resized = run(trial, in, out, (ops, x) -> ops.resizeBicubic(x, size, size));
    HostTensor golden = trial.arrays().get("out_" + id + "_crop");
    Tolerance tolerance = trial.golden().tolerance();
    float[] part = crop(resized, size, crop);
    trial.comparison().close("out_" + id + "_crop", golden, golden.shape(), part, tolerance);
    means(trial, id + "_sum", resized, size * size, false);
    means(trial, id + "_abssum", resized, size * size, true);
  }

  /** Rows and columns r0, r1, c0, c1 of every channel. */
  private static float[] crop(float[] image, int size, int[] crop) {
    int channels = image.length / (size * size);
    float[] out = new float[channels * (crop[1] - crop[0]) * (crop[3] - crop[2])];
    int to = 0;
    for (int c = 0; c < channels; c++) {
      for (int y = crop[0]; y < crop[1]; y++) {
        for (int x = crop[2]; x < crop[3]; x++) {
          out[to++] = image[(c * size + y) * size + x];
        }
      }
    }
    return out;
  }

  /** Per channel, so that the tolerance of one pixel applies. */
  private static void means(Trial trial, String id, float[] image, int plane, boolean absolute) {
    double[] golden = trial.arrays().get("out_" + id).toDoubles();
    double[] sums = new double[golden.length];
    for (int i = 0; i < image.length; i++) {
      sums[i / plane] += absolute ? Math.abs(image[i]) : image[i];
    }
    for (int c = 0; c < sums.length; c++) {
      golden[c] /= plane;
      sums[c] /= plane;
    }
    trial.comparison().close("out_" + id + " / pixels", golden, sums, trial.golden().tolerance());
  }

  private static void featureExtractor(Trial trial, String id) {
    HostTensor in = trial.arrays().get(IN + id);
    HostTensor bytes = trial.arrays().get(BYTES + id);
    HostTensor resized = trial.arrays().get(RESIZED + id);
    Precision exact = Precision.float32(Tolerance.EXACT);
    try (NetworkRun run = new NetworkRun(trial)) {
      Tensor x = run.input(in);
      run.expect("preprocessing.bytes", BYTES + id, channelsFirst(bytes), exact);
      run.expect("preprocessing.resized", RESIZED + id, channelsFirst(resized), exact);
      if (trial.arrays().has(PIXELS + id)) {
        run.expect("parity.pixels", PIXELS + id, trial.arrays().get(PIXELS + id), exact);
      }
      run.run(
          ops -> {
            Tensor pixels = CasePreprocessing.vit().ofPixels(ops, x);
            ops.probe("parity.pixels", () -> pixels);
          });
    }
  }

  /** What each byte becomes: an image of the right size, so that its bytes stay as they are. */
  private static void ofBytes(Trial trial) {
    HostTensor golden = trial.arrays().get(OF_BYTES);
    int levels = Math.toIntExact(golden.shape().elements());
    Shape shape = Shape.of(1, 3, VIT_SIZE, VIT_SIZE);
    float[] middles = new float[Math.toIntExact(shape.elements())];
    for (int i = 0; i < middles.length; i++) {
      middles[i] = (i % levels + 0.5f) / 255; // cut off to i % levels
    }
    HostTensor in = HostTensor.of("levels", shape, middles);
    float[] pixels = run(trial, in, shape, CasePreprocessing.vit()::ofPixels);
    float[] ofLevel = Arrays.copyOf(pixels, levels);
    trial.comparison().close(OF_BYTES, golden, golden.shape(), ofLevel, Tolerance.EXACT);
  }

  /** {@code [N, H, W, C]} to {@code [N, C, H, W]}. */
  private static HostTensor channelsFirst(HostTensor t) {
    return HostTensor.of(
        t.name(), Layout.channelsFirst(t.shape()), Layout.channelsFirst(t.toFloats(), t.shape()));
  }

  /** Images through one operation, channels second on both sides. */
  private static float[] run(
      Trial trial, HostTensor in, Shape out, BiFunction<Ops, Tensor, Tensor> operation) {
    return DeviceImages.run(trial.device(), in.toFloats(), in.shape(), out, operation);
  }
}
