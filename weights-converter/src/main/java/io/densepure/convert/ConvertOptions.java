package io.densepure.convert;

import io.densepure.compute.DType;

/**
 * How to convert.
 *
 * @param dtype what real numbers become, {@code F32}, {@code F16} or {@code BF16}; null to keep
 *     them
 * @param prefix what happens to the prefixes of wrappers
 * @param keyPath dotted path to the dictionary of tensors; null to find it
 * @param config the network's configuration as JSON, to be kept in the metadata; null for none
 * @param converter name and version of the program, for the metadata
 * @param overwrite whether a target that exists is replaced
 */
public record ConvertOptions(
    DType dtype,
    KeyPrefix prefix,
    String keyPath,
    String config,
    String converter,
    boolean overwrite) {
  /** Numbers stay as they are, keys are those of the network itself, nothing is overwritten. */
  public static final ConvertOptions DEFAULTS =
      new ConvertOptions(null, KeyPrefix.STRIP, null, null, "densepure", false);
}
