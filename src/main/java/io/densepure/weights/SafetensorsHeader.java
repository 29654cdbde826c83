package io.densepure.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.densepure.InputException;
import io.densepure.compute.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file, checked: every tensor's bytes lie inside the file, fit its
 * dtype and shape, and together cover the file without overlap or gap.
 *
 * @param entries by key, in the order of the header
 * @param metadata the {@code __metadata__} of the header; empty if there is none
 * @param dataStart where in the file the offsets of the entries count from
 */
record SafetensorsHeader(Map<String, Entry> entries, Map<String, String> metadata, long dataStart) {

  /** One tensor: its bytes are {@code [begin, end)} from {@link #dataStart}. */
  record Entry(DType dtype, int[] shape, long begin, long end) {}

  /** The key of the header that is no tensor. */
  static final String METADATA = "__metadata__";

  /** The limit of the format's own implementation. */
  static final int MAX_BYTES = 100_000_000;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  static SafetensorsHeader read(MappedFile file) {
    if (file.size() < Long.BYTES) {
      throw InputException.of(
          "%s: is only %d bytes long; not a safetensors file", file.path(), file.size());
    }
    long length = file.slice(0, Long.BYTES).getLong();
    if (length < 2 || length > MAX_BYTES || length > file.size() - Long.BYTES) {
      throw InputException.of(
          "%s: announces a header of %s bytes in a file of %d; not a safetensors file, or a truncated one",
          file.path(), Long.toUnsignedString(length), file.size());
    }
    byte[] json = new byte[(int) length];
    file.slice(Long.BYTES, length).get(json);
    long dataStart = Long.BYTES + length;
    try (JsonParser parser = JSON.createParser(json)) {
      Reader reader = new Reader(file, parser);
      reader.header();
      SafetensorsHeader header = new SafetensorsHeader(reader.entries, reader.metadata, dataStart);
      header.checkCoverage(file);
      return header;
    } catch (JsonProcessingException e) {
      throw damaged(file, firstLine(e.getOriginalMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // bytes in memory cannot fail to be read
    }
  }

  private void checkCoverage(MappedFile file) {
    List<Map.Entry<String, Entry>> byPosition = new ArrayList<>(entries.entrySet());
    byPosition.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin)
            .thenComparingLong(e -> e.getValue().end));
    long covered = 0;
    for (Map.Entry<String, Entry> e : byPosition) {
      long begin = e.getValue().begin;
      if (begin != covered) {
        throw damaged(
            file,
            "the bytes of tensor %s start at %d, but those before it end at %d (%s)",
            InputException.quote(e.getKey()),
            begin,
            covered,
            begin < covered ? "overlap" : "gap");
      }
      covered = e.getValue().end;
    }
    long available = file.size() - dataStart;
    if (covered != available) {
      throw InputException.of(
          "%s: holds %d bytes of tensors, but its header announces %d; the file is %s",
          file.path(), available, covered, available < covered ? "truncated" : "damaged");
    }
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("");
  }

  private static InputException damaged(MappedFile file, String format, Object... args) {
    String what = args.length == 0 ? format : String.format(format, args);
    return new InputException(file.path() + ": damaged safetensors header: " + what);
  }

  /** Walks the JSON once; keeps nothing but what the header is made of. */
  private static final class Reader {
    private final MappedFile file;
    private final JsonParser parser;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    Reader(MappedFile file, JsonParser parser) {
      this.file = file;
      this.parser = parser;
    }

    void header() throws IOException {
      expect(JsonToken.START_OBJECT, "a JSON object", "the header");
      for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
        if (key.equals(METADATA)) {
          metadata();
        } else {
          entries.put(key, entry(key));
        }
      }
      if (parser.nextToken() != null) {
        throw damaged(file, "something follows the JSON object");
      }
    }

    private void metadata() throws IOException {
      expect(JsonToken.START_OBJECT, "an object of strings", METADATA);
      for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
        expect(JsonToken.VALUE_STRING, "an object of strings", METADATA);
        metadata.put(key, parser.getText());
      }
    }

    private Entry entry(String key) throws IOException {
      expect(JsonToken.START_OBJECT, "an object", key);
      DType dtype = null;
      long[] shape = null;
      long[] offsets = null;
      for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
        switch (field) {
          case "dtype" -> dtype = dtype(key);
          case "shape" -> shape = naturals(key, field);
          case "data_offsets" -> offsets = naturals(key, field);
          default ->
              throw damaged(
                  file,
                  "tensor %s has an unknown field %s",
                  InputException.quote(key),
                  InputException.quote(field));
        }
      }
      if (dtype == null || shape == null || offsets == null || offsets.length != 2) {
        throw damaged(
            file, "tensor %s needs dtype, shape and two data_offsets", InputException.quote(key));
      }
      return checked(key, dtype, shape, offsets[0], offsets[1]);
    }

    private Entry checked(String key, DType dtype, long[] shape, long begin, long end) {
      long available = file.size() - Long.BYTES;
      if (begin > end || end > available) {
        throw InputException.of(
            "%s: tensor %s should lie at bytes %d to %d, outside the file; the file is truncated or damaged",
            file.path(), InputException.quote(key), begin, end);
      }
      long bytes = dtype.bytes();
      try {
        for (long d : shape) {
          bytes = Math.multiplyExact(bytes, (long) Math.toIntExact(d));
        }
      } catch (ArithmeticException e) {
        bytes = -1;
      }
      if (bytes != end - begin) {
        throw damaged(
            file,
            "tensor %s of %s %s has %d bytes",
            InputException.quote(key),
            dtype,
            Arrays.toString(shape),
            end - begin);
      }
      return new Entry(
          dtype, Arrays.stream(shape).mapToInt(Math::toIntExact).toArray(), begin, end);
    }

    private DType dtype(String key) throws IOException {
      expect(JsonToken.VALUE_STRING, "a string as dtype", key);
      String name = parser.getText();
      for (DType d : DType.values()) {
        if (d.name().equals(name)) {
          return d;
        }
      }
      throw InputException.of(
          "%s: tensor %s is of dtype %s; supported are %s",
          file.path(),
          InputException.quote(key),
          InputException.quote(name),
          Arrays.toString(DType.values()));
    }

    /** An array of integers that are not negative. */
    private long[] naturals(String key, String field) throws IOException {
      expect(JsonToken.START_ARRAY, "an array as " + field, key);
      List<Long> values = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT || parser.getLongValue() < 0) {
          throw damaged(
              file,
              "%s of tensor %s holds something else than natural numbers",
              field,
              InputException.quote(key));
        }
        values.add(parser.getLongValue());
      }
      return values.stream().mapToLong(Long::longValue).toArray();
    }

    private void expect(JsonToken token, String what, String where) throws IOException {
      if (parser.nextToken() != token) {
        throw damaged(file, "%s must be or have %s", InputException.quote(where), what);
      }
    }
  }
}
