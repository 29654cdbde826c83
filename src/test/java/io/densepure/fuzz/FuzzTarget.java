package io.densepure.fuzz;

import java.io.IOException;
import java.nio.file.Path;

/** Something that reads bytes nobody vouches for. {@link FuzzTargets} lists them all. */
@FunctionalInterface
interface FuzzTarget {
  /**
   * Reads the input as the program would, and checks what comes out of it as far as that is cheap.
   * The only thing it may throw is {@link io.densepure.InputException}.
   *
   * @param folder empty, for the files that the parser needs; deleted afterwards
   */
  void read(byte[] input, Path folder) throws IOException;
}
