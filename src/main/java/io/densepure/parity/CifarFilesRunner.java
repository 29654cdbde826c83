package io.densepure.parity;

import io.densepure.InputException;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.data.Dataset;
import io.densepure.data.Datasets;
import java.util.Map;

/**
 * CIFAR-10's test batch in each of the formats it comes in: labels, pixels, and the first image as
 * the network gets it.
 */
final class CifarFilesRunner implements CaseRunner {
  @Override
  public boolean handles(GoldenCase c) {
    return c.source().contains("datasets.CIFAR10");
  }

  @Override
  public void run(Trial trial) {
    GoldenCase c = trial.golden();
    for (Map.Entry<String, String> file : c.files().entrySet()) {
      String role = file.getKey();
      if (role.contains("truncated")) {
        trial.comparison().check(role, isRefused(c, role), "a truncated file was accepted");
      } else if (role.contains("test_batch")) {
        compare(
            role,
            Datasets.open("cifar10", c.file(role)),
            trial.arrays(),
            c.tolerance(),
            trial.comparison());
      }
    }
  }

  private static boolean isRefused(GoldenCase c, String role) {
    try {
      Datasets.open("cifar10", c.file(role));
      return false;
    } catch (InputException e) {
      return true;
    }
  }

  private static void compare(
      String role, Dataset data, GoldenArrays arrays, Tolerance tolerance, Comparison comparison) {
    int n = data.size();
    long[] labels = new long[n];
    Shape imageShape = Shape.of(data.channels(), data.height(), data.width());
    float[] all = new float[Math.toIntExact(n * imageShape.elements())];
    for (int i = 0; i < n; i++) {
      labels[i] = data.label(i);
      float[] image = data.image(i).data().asFloat();
      System.arraycopy(image, 0, all, i * image.length, image.length);
    }
    Shape shape = Shape.of(n, data.channels(), data.height(), data.width());
    float[] channelsLast = Layout.channelsLast(all, shape);
    long[] pixels = new long[all.length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = Math.round(channelsLast[i] * 255.0);
    }
    comparison.exact(role + ": labels", arrays.get("labels"), Shape.of(n), labels);
    HostTensor golden = arrays.get("images_hwc_u8");
    comparison.exact(role + ": pixels", golden, Layout.channelsLast(shape), pixels);
    HostTensor first = arrays.get("tensor_0_chw_f32");
    float[] image = data.image(0).data().asFloat();
    comparison.close(role + ": first image", first, imageShape, image, tolerance);
  }
}
