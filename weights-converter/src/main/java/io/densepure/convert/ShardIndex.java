package io.densepure.convert;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Hugging Face's index of a checkpoint in several files: {@code pytorch_model.bin.index.json} or
 * {@code model.safetensors.index.json}, whose {@code weight_map} says in which file beside it each
 * tensor is.
 *
 * @param path of the index
 * @param shardOf file name by key, in the order of the index
 */
record ShardIndex(Path path, Map<String, String> shardOf) {
  static final String ENDING = ".index.json";
  private static final long MAX_BYTES = 1L << 26;
  private static final int MAX_SHARDS = 1000;

  /**
   * @throws InputException naming the file if it is no such index
   */
  static ShardIndex read(Path path) {
    JsonNode map = parse(path).path("weight_map");
    if (!map.isObject() || map.isEmpty()) {
      throw InputException.of(
          "%s: has no 'weight_map' of tensors to files, so it is no index of a checkpoint", path);
    }
    Map<String, String> shardOf = new LinkedHashMap<>();
    map.fields()
        .forEachRemaining(
            e -> {
              String file = e.getValue().asText();
              if (!e.getValue().isTextual() || !isPlainName(file)) {
                throw InputException.of(
                    "%s: %s is to be in %s, which is no name of a file beside it",
                    path, InputException.quote(e.getKey()), InputException.quote(file));
              }
              shardOf.put(e.getKey(), file);
            });
    return new ShardIndex(path, shardOf);
  }

  private static boolean isPlainName(String file) {
    return file.matches("[A-Za-z0-9_][A-Za-z0-9_.+-]*") && !file.endsWith(ENDING);
  }

  private static JsonNode parse(Path path) {
    try {
      if (Files.size(path) > MAX_BYTES) {
        throw InputException.of("%s: larger than an index can be (%d bytes)", path, MAX_BYTES);
      }
      return new ObjectMapper().readTree(Files.readString(path));
    } catch (JsonProcessingException e) {
      throw new InputException(
          path + ": not JSON: " + e.getOriginalMessage().lines().findFirst().orElse(""), e);
    } catch (IOException e) {
      throw InputException.unreadable(path, e);
    }
  }

  /**
   * The files, opened, by name.
   *
   * @throws InputException naming the first that is missing, cannot be read, or has other tensors
   *     than the index says
   */
  SortedMap<String, WeightFile> open() {
    SortedMap<String, WeightFile> shards = new TreeMap<>();
    for (String name : shardOf.values()) {
      if (!shards.containsKey(name)) {
        shards.put(name, open(name));
      }
      if (shards.size() > MAX_SHARDS) {
        throw InputException.of("%s: names more than %d files", path, MAX_SHARDS);
      }
    }
    shards.forEach(this::check);
    return shards;
  }

  private WeightFile open(String name) {
    Path file = path.resolveSibling(name);
    if (!Files.exists(file)) {
      throw InputException.of(
          "%s: is missing; %s needs it beside itself", file, path.getFileName());
    }
    return WeightFile.open(file, null);
  }

  private void check(String name, WeightFile shard) {
    Map<String, ?> there = shard.shapes();
    shardOf.forEach(
        (key, file) -> {
          if (file.equals(name) && !there.containsKey(key)) {
            throw InputException.of(
                "%s: has no tensor %s, but %s says so; the files are of different checkpoints",
                shard.path(), InputException.quote(key), path.getFileName());
          }
        });
    for (String key : there.keySet()) {
      if (!name.equals(shardOf.get(key))) {
        throw InputException.of(
            "%s: has tensor %s, which %s %s; the files are of different checkpoints",
            shard.path(),
            InputException.quote(key),
            path.getFileName(),
            shardOf.containsKey(key) ? "puts into " + shardOf.get(key) : "does not know");
      }
    }
  }
}
