/**
 * DensePure as a library: open a {@link io.densepure.api.Denoiser}, give a {@link
 * io.densepure.api.Classifier} of your own, and ask a {@link io.densepure.api.Certifier} what is
 * certain. {@code docs/embedding.md} has an example.
 */
package io.densepure.api;
