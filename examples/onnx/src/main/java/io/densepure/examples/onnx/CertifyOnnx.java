package io.densepure.examples.onnx;

import io.densepure.api.Certifier;
import io.densepure.api.Denoiser;
import io.densepure.certify.ResultRow;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Certifies test images of a configuration with an ONNX classifier, and prints DensePure's table of
 * results: {@code CertifyOnnx MODEL.onnx CONFIG INDEX…}, as {@code CertifyOnnx mine.onnx cifar10 0
 * 20 40}.
 */
public final class CertifyOnnx {
  private CertifyOnnx() {}

  public static void main(String[] args) {
    List<Integer> indices = Arrays.stream(args).skip(2).map(Integer::valueOf).toList();
    try (OnnxClassifier model = OnnxClassifier.open(Path.of(args[0]));
        Denoiser denoiser = Denoiser.of(args[1]).sigma(0.25).steps(3).open();
        Certifier certifier =
            Certifier.of(denoiser, model).n0(10).n(60).votes(3).alpha(0.01).open()) {
      System.out.println(ResultRow.HEADER_WITH_TIME);
      certifier.certify(
          denoiser.dataset(), indices, image -> System.out.println(image.row().toTsv()));
    }
  }
}
