package io.densepure.convert.pickle;

/** A Python class or function that a pickle names. Here it is a name and nothing else. */
public record GlobalRef(String module, String name) {
  /** As {@code collections.OrderedDict}. */
  public String qualified() {
    return module + "." + name;
  }

  /** The name in its current spelling: Python 2's and NumPy 2's modules were renamed. */
  static GlobalRef of(String module, String name) {
    String current =
        switch (module) {
          case "__builtin__" -> "builtins";
          case "copy_reg" -> "copyreg";
          default ->
              module.startsWith("numpy._core")
                  ? "numpy.core" + module.substring("numpy._core".length())
                  : module;
        };
    return new GlobalRef(current, name);
  }
}
