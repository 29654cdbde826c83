package io.densepure.convert.pickle;

import java.util.List;

/** Names of NumPy; those of NumPy 2 are mapped to the old ones before. */
final class NumpyGlobals {
  private NumpyGlobals() {}

  static void addTo(Globals globals) {
    globals
        .factory("numpy.dtype", a -> NumpyDtype.of(a.string(0)))
        .factory("numpy.core.multiarray._reconstruct", a -> new PickledArray())
        .factory("numpy.core.multiarray.scalar", NumpyGlobals::scalar)
        .factory("numpy.core.numeric._frombuffer", NumpyGlobals::fromBuffer)
        .inert("numpy.ndarray", "numpy.float64", "numpy.float32", "numpy.int64", "numpy.int32");
  }

  private static Object scalar(Arguments a) {
    return new PickledArray(a.get(0, NumpyDtype.class), List.of(), false, a.get(1, Object.class))
        .scalar();
  }

  /** Protocol 5: (bytes, dtype, shape, order). */
  private static Object fromBuffer(Arguments a) {
    return new PickledArray(
        a.get(1, NumpyDtype.class), a.list(2), a.string(3).equals("F"), a.get(0, byte[].class));
  }
}
