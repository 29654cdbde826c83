package io.densepure.parity;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.compute.HostTensor;
import io.densepure.data.Npy;
import io.densepure.data.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes folders of golden cases for tests of the runner itself. */
final class GoldenFolder {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final ArrayNode cases = JSON.createArrayNode();

  GoldenFolder(Path folder) {
    this.folder = folder;
  }

  /** Adds a case whose arrays lie in {@code arraysFile}, and writes the index anew. */
  ObjectNode add(String id, String group, String arraysFile, Map<String, HostTensor> arrays)
      throws IOException {
    ObjectNode c = cases.addObject();
    c.put("id", id).put("group", group);
    c.putObject("config");
    c.putObject("files").put("arrays", arraysFile);
    ObjectNode tensors = c.putObject("tensors");
    arrays.keySet().forEach(name -> tensors.putObject(name));
    writeNpz(folder.resolve(arraysFile), arrays);
    return c;
  }

  /** Writes the index and reads it back. */
  ParitySuite suite() throws IOException {
    ObjectNode index = JSON.createObjectNode();
    index.set("cases", cases);
    JSON.writeValue(folder.resolve("index.json").toFile(), index);
    return ParitySuite.load(folder);
  }

  static void writeNpz(Path file, Map<String, HostTensor> arrays) throws IOException {
    Files.createDirectories(file.getParent());
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, HostTensor> array : arrays.entrySet()) {
        out.putNextEntry(new ZipEntry(array.getKey() + ".npy"));
        out.write(Npy.toBytes(array.getValue()));
      }
    }
  }

  /** All arrays of a golden file that comes with the project. */
  static Map<String, HostTensor> arrays(String file) {
    Map<String, HostTensor> arrays = new LinkedHashMap<>();
    try (Npz npz = Npz.open(Path.of("src/test/reference", file))) {
      npz.names().forEach(name -> arrays.put(name, npz.get(name)));
    }
    return arrays;
  }
}
