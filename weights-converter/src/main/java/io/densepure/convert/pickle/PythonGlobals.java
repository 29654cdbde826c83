package io.densepure.convert.pickle;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Names of Python's own library. */
final class PythonGlobals {
  private static final Set<String> LATIN1 = Set.of("latin1", "latin-1", "iso-8859-1");

  private PythonGlobals() {}

  static void addTo(Globals globals) {
    globals
        .factory("collections.OrderedDict", PythonGlobals::dictionary)
        .factory("collections.Counter", PythonGlobals::dictionary)
        .factory("builtins.dict", PythonGlobals::dictionary)
        .factory("collections.defaultdict", a -> new LinkedHashMap<String, Object>())
        .factory("collections.deque", PythonGlobals::list)
        .factory("builtins.list", PythonGlobals::list)
        .factory("builtins.tuple", PythonGlobals::list)
        .factory("builtins.set", PythonGlobals::list)
        .factory("builtins.frozenset", PythonGlobals::list)
        .factory("builtins.bytes", PythonGlobals::bytes)
        .factory("builtins.bytearray", PythonGlobals::bytes)
        .factory("_codecs.encode", PythonGlobals::bytes)
        .inert("copyreg._reconstructor", "copyreg.__newobj__")
        .inert("argparse.Namespace", "types.SimpleNamespace")
        .inert("builtins.object", "builtins.int", "builtins.float", "builtins.bool", "builtins.str")
        .inert("builtins.complex", "builtins.slice", "builtins.range")
        .inert("datetime.datetime", "datetime.date", "datetime.time", "datetime.timedelta")
        .inert("pathlib.PosixPath", "pathlib.PurePosixPath", "pathlib.WindowsPath");
  }

  private static Map<String, Object> dictionary(Arguments a) {
    Map<String, Object> map = new LinkedHashMap<>();
    if (a.size() == 0) {
      return map;
    }
    if (a.values().get(0) instanceof Map<?, ?> other) {
      a.copyingElements(other.size());
      other.forEach((key, value) -> map.put((String) key, value));
      return map;
    }
    List<?> pairs = a.list(0); // as Python 2 writes it
    a.copyingElements(pairs.size());
    for (Object pair : pairs) {
      if (!(pair instanceof List<?> p && p.size() == 2)) {
        throw new IllegalArgumentException("makes a dictionary of something that is no pair");
      }
      map.put(DictKeys.of(p.get(0)), p.get(1));
    }
    return map;
  }

  private static List<Object> list(Arguments a) {
    if (a.size() == 0) {
      return new ArrayList<>();
    }
    a.copyingElements(a.list(0).size());
    return new ArrayList<>(a.list(0));
  }

  /** {@code bytes()}, {@code bytearray(b'..')} or text with the one encoding that loses nothing. */
  private static byte[] bytes(Arguments a) {
    if (a.size() == 0) {
      return new byte[0];
    }
    if (a.values().get(0) instanceof byte[] same) {
      return same;
    }
    String text = a.string(0);
    if (!LATIN1.contains(a.string(1))) {
      throw new IllegalArgumentException("encodes a string as something else than latin1");
    }
    a.copyingBytes(text.length());
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
