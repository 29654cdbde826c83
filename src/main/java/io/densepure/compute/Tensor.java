package io.densepure.compute;

/**
 * A dense row-major array on one device, channels last. Two kinds exist: persistent ones from
 * {@link Device#allocate}, which can be uploaded to and downloaded from, and intermediate ones that
 * an {@link Ops} call returns, which live only inside the {@link Program} being recorded and whose
 * memory is shared with others that are not alive at the same time.
 */
public interface Tensor {
  Shape shape();

  DType dtype();
}
