package io.densepure.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Probes;
import io.densepure.compute.Program;
import io.densepure.compute.ReferenceDevice;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.convert.CheckpointReader;
import io.densepure.model.BeitConfig.Relative;
import io.densepure.weights.WeightStore;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Variants of BEiT that the golden data lacks, and its index of relative positions. */
class BeitTest {
  private static final Path FILE = Path.of("src/test/reference/classifiers/beit_tiny.pt");
  private static final int WIDTH = 48;
  private static final int TOKENS = 17;

  private static WeightStore weights() {
    return CheckpointReader.open(FILE).stateDict();
  }

  /** What {@code network} shows under {@code probe} for one random image, and its logits. */
  private record Run(float[] shown, float[] logits) {
    static Run of(ImageClassifier network, String probe) {
      try (Device device = new ReferenceDevice();
          Probes probes = new Probes(device, probe::equals)) {
        Tensor x = device.allocate(DType.F32, Shape.of(1, 32, 32, 3));
        Tensor y = device.allocate(DType.F32, Shape.of(1, network.classes()));
        Random random = new Random(5);
        float[] pixels = new float[32 * 32 * 3];
        for (int i = 0; i < pixels.length; i++) {
          pixels[i] = random.nextFloat() * 2 - 1;
        }
        device.upload(x, pixels);
        try (Program program =
            probes.record(ops -> ops.assign(y, network.logits(ops, x, DType.F32)))) {
          program.run();
        }
        return new Run(device.downloadFloats(probes.kept().get(probe)), device.downloadFloats(y));
      }
    }
  }

  /** {@code use_mean_pooling=False}: the head sees the class token through {@code norm}. */
  @Test
  void withoutMeanPoolingTheClassTokenIsClassified() {
    WeightStore pooled = weights();
    Map<String, HostTensor> changes = new LinkedHashMap<>();
    for (String part : new String[] {"weight", "bias"}) {
      changes.put("norm." + part, pooled.get("fc_norm." + part));
      changes.put("fc_norm." + part, null);
    }
    WeightStore store = RecipeCases.changed(pooled, changes);
    BeitConfig config = BeitConfig.detect(store, 0);
    assertFalse(config.meanPooling());
    Run run = Run.of(Beit.load(store, config), "blocks.1");
    assertEquals(TOKENS * WIDTH, run.shown.length);
    assertArrayEquals(head(pooled, run.shown), run.logits, 1e-5f);
  }

  /** The layer norm and the head by their definitions, of the first token. */
  private static float[] head(WeightStore store, float[] tokens) {
    double mean = 0;
    double variance = 0;
    for (int c = 0; c < WIDTH; c++) {
      mean += tokens[c] / (double) WIDTH;
    }
    for (int c = 0; c < WIDTH; c++) {
      variance += (tokens[c] - mean) * (tokens[c] - mean) / WIDTH;
    }
    float[] gamma = store.get("fc_norm.weight").toFloats();
    float[] beta = store.get("fc_norm.bias").toFloats();
    float[] weight = store.get("head.weight").toFloats();
    float[] logits = store.get("head.bias").toFloats();
    for (int k = 0; k < logits.length; k++) {
      double sum = logits[k];
      for (int c = 0; c < WIDTH; c++) {
        double normed = (tokens[c] - mean) / Math.sqrt(variance + 1e-6) * gamma[c] + beta[c];
        sum += normed * weight[k * WIDTH + c];
      }
      logits[k] = (float) sum;
    }
    return logits;
  }

  /** Fewer channels in the heads than in the tokens. */
  @Test
  void headsMayBeNarrowerThanTheTokens() {
    WeightStore store = weights();
    Map<String, HostTensor> changes = new LinkedHashMap<>();
    for (String block : new String[] {"blocks.0.attn.", "blocks.1.attn."}) {
      float[] qkv = store.get(block + "qkv.weight").toFloats();
      changes.put(block + "qkv.weight", tensor(block + "qkv.weight", qkv, 96, WIDTH));
      float[] proj = store.get(block + "proj.weight").toFloats();
      changes.put(block + "proj.weight", tensor(block + "proj.weight", proj, WIDTH, 32));
      for (String bias : new String[] {"q_bias", "v_bias"}) {
        changes.put(block + bias, tensor(block + bias, store.get(block + bias).toFloats(), 32));
      }
    }
    WeightStore narrow = RecipeCases.changed(store, changes);
    BeitConfig config = BeitConfig.detect(narrow, 0);
    assertEquals(8, config.headDim());
    assertEquals(10, Run.of(Beit.load(narrow, config), "patch_embed").logits.length);
  }

  private static HostTensor tensor(String name, float[] values, int... shape) {
    Shape s = Shape.of(shape);
    return HostTensor.of(name, s, Arrays.copyOf(values, (int) s.elements()));
  }

  /** Factors of one and no biases are the same network as neither. */
  @Test
  void layerScaleAndBiasesMayBeAbsent() {
    Map<String, HostTensor> neutral = new LinkedHashMap<>();
    Map<String, HostTensor> absent = new LinkedHashMap<>();
    for (String block : new String[] {"blocks.0.", "blocks.1."}) {
      for (String gamma : new String[] {"gamma_1", "gamma_2"}) {
        float[] ones = new float[WIDTH];
        Arrays.fill(ones, 1);
        neutral.put(block + gamma, HostTensor.of(block + gamma, Shape.of(WIDTH), ones));
        absent.put(block + gamma, null);
      }
      for (String bias : new String[] {"attn.q_bias", "attn.v_bias"}) {
        neutral.put(block + bias, RecipeCases.zeros(block + bias, WIDTH));
        absent.put(block + bias, null);
      }
    }
    WeightStore with = RecipeCases.changed(weights(), neutral);
    WeightStore without = RecipeCases.changed(weights(), absent);
    Run expected = Run.of(Beit.load(with, BeitConfig.detect(with, 0)), "blocks.0.attn");
    Run actual = Run.of(Beit.load(without, BeitConfig.detect(without, 0)), "blocks.0.attn");
    assertArrayEquals(expected.shown, actual.shown);
    assertArrayEquals(expected.logits, actual.logits);
  }

  @Test
  void withoutRelativePositionsTheAbsoluteOnesTellTheGrid() {
    WeightStore shared =
        CheckpointReader.open(Path.of("src/test/reference/classifiers/beit_shared_abs.pt"))
            .stateDict();
    Map<String, HostTensor> changes = new LinkedHashMap<>();
    changes.put("rel_pos_bias.relative_position_bias_table", null);
    changes.put("rel_pos_bias.relative_position_index", null);
    WeightStore store = RecipeCases.changed(shared, changes);
    BeitConfig config = BeitConfig.detect(store, 4);
    assertEquals(Relative.NONE, config.relativePositions());
    assertEquals(new PatchGrid(4, 4, 8, 3), config.grid());
    assertEquals(7, Run.of(Beit.load(store, config), "blocks.1").logits.length);
  }

  /** Two rows of one patch: offsets −1, 0, 1 up and down, and the three of the class token. */
  @Test
  void theIndexCountsOffsetsThenTheClassToken() {
    assertEquals(6, RelativePositions.entries(2, 1));
    assertArrayEquals(
        new int[] {
          5, 3, 3, // from the class token
          4, 1, 0, // from the upper patch
          4, 2, 1
        },
        RelativePositions.index(2, 1));
  }
}
