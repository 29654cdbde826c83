package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.data.ImageDecoder;
import io.densepure.data.RgbImage;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Picture files through the transform of the ImageNet validation set, and Pillow's resizing. */
final class ImageFilesRunner implements CaseRunner {
  private static final int SIDE = 256;
  private static final String BILINEAR = "bl_";
  private static final String BICUBIC = "bc_";

  @Override
  public boolean handles(GoldenCase c) {
    return isResize(c) || c.source().startsWith("datasets._imagenet");
  }

  private static boolean isResize(GoldenCase c) {
    return c.source().contains("Image.resize");
  }

  @Override
  public void run(Trial trial) {
    if (isResize(trial.golden())) {
      resize(trial);
    } else {
      trial.golden().config().path("files").forEach(file -> transform(trial, file.asText()));
    }
  }

  private static void transform(Trial trial, String file) {
    GoldenArrays arrays = trial.arrays();
    JsonNode config = trial.golden().config();
    Comparison comparison = trial.comparison();
    RgbImage decoded = ImageDecoder.decode(trial.golden().file(file));
    comparison.exact("size/" + file, arrays.get("size/" + file).toLongs(), size(decoded));
    compare(trial, "decoded_crop/" + file, decoded, 0, 0);
    comparison.exact(
        "sha256 decoded/" + file,
        config.path("sha256_decoded_rgb_hwc").path(file).asText(),
        sha256(decoded));
    RgbImage resized = decoded.shortSide(SIDE);
    long[] goldenSize = arrays.get("resized_size/" + file).toLongs();
    comparison.exact("resized_size/" + file, goldenSize, size(resized));
    RgbImage last = resized.centerCrop(SIDE);
    if (arrays.has("final_u8/" + file)) {
      compare(trial, "final_u8/" + file, last, 0, 0);
    } else {
      compare(trial, "final_crop/" + file, last, 60, 100);
    }
    long[] sums = new long[3];
    for (int i = 0; i < last.pixels().length; i++) {
      sums[i % 3] += last.pixels()[i] & 0xff;
    }
    long[] goldenSums = arrays.get("final_chan_sum/" + file).toLongs();
    comparison.exact("final_chan_sum/" + file, goldenSums, sums);
    comparison.exact(
        "sha256 final/" + file,
        config.path("sha256_final_u8_hwc").path(file).asText(),
        sha256(last));
  }

  private static long[] size(RgbImage image) {
    return new long[] {image.width(), image.height()};
  }

  /** The part of an image that begins at (left, top) and is as large as the golden array. */
  private static void compare(Trial trial, String name, RgbImage image, int left, int top) {
    HostTensor golden = trial.arrays().get(name);
    Shape shape = golden.shape();
    long[] part = new long[Math.toIntExact(shape.elements())];
    int row = shape.dim(1) * 3;
    for (int i = 0; i < part.length; i++) {
      int y = top + i / row;
      part[i] = image.pixels()[(y * image.width() + left) * 3 + i % row] & 0xff;
    }
    trial.comparison().exact(name, golden, shape, part);
  }

  private static String sha256(RgbImage image) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(image.pixels());
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The bilinear filter on the device, the bicubic one as it resizes files. */
  private static void resize(Trial trial) {
    HostTensor image = trial.arrays().get("img"); // [H, W, 3]
    for (String name : trial.arrays().names(BILINEAR)) {
      HostTensor golden = trial.arrays().get(name);
      trial
          .comparison()
          .exact(name, golden, golden.shape(), bilinear(trial, image, golden.shape()));
    }
    byte[] pixels = new byte[Math.toIntExact(image.shape().elements())];
    image.data().get(pixels);
    RgbImage picture = new RgbImage(image.shape().dim(1), image.shape().dim(0), pixels);
    for (String name : trial.arrays().names(BICUBIC)) {
      Shape shape = trial.arrays().get(name).shape();
      compare(trial, name, picture.resize(shape.dim(1), shape.dim(0)), 0, 0);
    }
  }

  private static long[] bilinear(Trial trial, HostTensor image, Shape to) {
    float[] chw =
        DeviceImages.run(
            trial.device(),
            Layout.channelsFirst(image.toFloats(), batch(image.shape())),
            Layout.channelsFirst(batch(image.shape())),
            Layout.channelsFirst(batch(to)),
            (ops, x) -> ops.resizeBytes(x, to.dim(0), to.dim(1)));
    float[] hwc = Layout.channelsLast(chw, Layout.channelsFirst(batch(to)));
    long[] out = new long[hwc.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (long) hwc[i];
    }
    return out;
  }

  private static Shape batch(Shape image) {
    return Shape.of(1, image.dim(0), image.dim(1), image.dim(2));
  }
}
