package io.densepure.parity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.InputException;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.weights.WeightStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The random weights of a golden case, computed instead of stored. A {@code *.recipe.json} file
 * lists key, shape and rule of each parameter; every element is a pure function of seed, key and
 * index (SplitMix64 seeded with the FNV-1a hash of {@code seed:key}), exact in float32, so the
 * network that made the case and ours hold the same bits.
 *
 * <p>Entries of the rule {@code keep} (counters and index tables that the architecture computes)
 * are not part of the store.
 */
public final class RecipeWeights implements WeightStore {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String source;
  private final String seed;
  private final double matrixGain;
  private final Map<String, Parameter> parameters;
  private final Map<String, HostTensor> tensors = new ConcurrentHashMap<>();

  private record Parameter(Shape shape, Rule rule) {}

  /** How a kind of parameter is scaled: uniform in {@code [offset - scale, offset + scale)}. */
  private enum Rule {
    /** Weights of rank two and more; scaled by their fan-in. */
    MATRIX(0, Float.NaN),
    BIAS(0, 0.1f),
    /** Weight of a normalisation layer. */
    NWEIGHT(1, 0.2f),
    /** Running mean. */
    RMEAN(0, 0.3f),
    /** Running variance. */
    RVAR(1, 0.5f),
    /** Scales of BEiT's branches. */
    GAMMA(0, 0.5f),
    /** Table of relative position biases. */
    RELPOS(0, 1),
    /** Class token, position embeddings. */
    EMB(0, 0.5f);

    final float offset;
    final float scale;

    Rule(float offset, float scale) {
      this.offset = offset;
      this.scale = scale;
    }

    float scale(Shape shape, double gain) {
      if (this != MATRIX) {
        return scale;
      }
      double fanIn = 1;
      for (int axis = 1; axis < shape.rank(); axis++) {
        fanIn *= shape.dim(axis);
      }
      return (float) (gain * Math.sqrt(3.0 / fanIn));
    }
  }

  private RecipeWeights(
      String source, String seed, double matrixGain, Map<String, Parameter> parameters) {
    this.source = source;
    this.seed = seed;
    this.matrixGain = matrixGain;
    this.parameters = parameters;
  }

  /**
   * @throws InputException naming the file if it is absent or no recipe
   */
  public static RecipeWeights open(Path file) {
    try {
      JsonNode recipe = JSON.readTree(Files.readString(file));
      if (!recipe.path("recipe").asText().equals("splitmix")) {
        throw InputException.of("%s: not a recipe of the kind 'splitmix'", file);
      }
      Map<String, Parameter> parameters = new LinkedHashMap<>();
      for (JsonNode p : recipe.path("params")) {
        if (!p.path("rule").asText().equals("keep")) {
          parameters.put(p.path("key").asText(), parameter(file, p));
        }
      }
      return new RecipeWeights(
          file.toString(),
          recipe.path("seed").asText(),
          recipe.path("matrix_gain").asDouble(1),
          parameters);
    } catch (JsonProcessingException e) {
      throw new InputException(file + ": not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw InputException.unreadable(file, e);
    }
  }

  private static Parameter parameter(Path file, JsonNode p) {
    String key = p.path("key").asText();
    JsonNode dims = p.path("shape");
    int[] shape = new int[dims.size()];
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = dims.get(axis).asInt(-1);
      if (shape[axis] < 0) {
        throw InputException.of(
            "%s: parameter %s has no valid shape", file, InputException.quote(key));
      }
    }
    String rule = p.path("rule").asText();
    for (Rule r : Rule.values()) {
      if (r.name().toLowerCase(Locale.ROOT).equals(rule)) {
        return new Parameter(Shape.of(shape), r);
      }
    }
    throw InputException.of(
        "%s: parameter %s has the unknown rule %s",
        file, InputException.quote(key), InputException.quote(rule));
  }

  @Override
  public String source() {
    return source;
  }

  @Override
  public Set<String> keys() {
    return Collections.unmodifiableSet(parameters.keySet());
  }

  @Override
  public HostTensor get(String key) {
    if (!parameters.containsKey(key)) {
      throw InputException.of("%s: no tensor %s", source, InputException.quote(key));
    }
    return tensors.computeIfAbsent(
        key,
        k -> HostTensor.computed(k, parameters.get(k).shape, () -> values(k, parameters.get(k))));
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of();
  }

  private float[] values(String key, Parameter p) {
    float scale = p.rule.scale(p.shape, matrixGain);
    float[] values = uniform(seed + ":" + key, Math.toIntExact(p.shape.elements()));
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] * scale + p.rule.offset;
    }
    return values;
  }

  /**
   * The first {@code count} values of the stream called {@code name}: multiples of 2^-23 in [-1,
   * 1). Inputs of cases with a recipe are drawn from it directly.
   */
  public static float[] uniform(String name, int count) {
    float[] out = new float[count];
    long state = fnv1a(name);
    for (int i = 0; i < count; i++) {
      state += 0x9E3779B97F4A7C15L;
      long z = state;
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      z ^= z >>> 31;
      out[i] = (z >>> 40) * 0x1p-23f - 1;
    }
    return out;
  }

  /** The 64-bit FNV-1a hash of the name's UTF-8 bytes. */
  static long fnv1a(String name) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }
}
