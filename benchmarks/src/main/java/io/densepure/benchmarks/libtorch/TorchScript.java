package io.densepure.benchmarks.libtorch;

import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Writes one network as TorchScript source, one statement per operation, for libtorch to run
 * without Python. Values are named by the strings that the operations return.
 *
 * <p>Convolutions go through {@code mkldnn::_convolution_pointwise}, the operation that PyTorch's
 * own compiler uses on CPUs: their weights are laid out for oneDNN once, in the method {@code
 * prepare}, and a residual or a ReLU is applied inside them. Activations are channels last from the
 * input on.
 */
public final class TorchScript {
  private static final String NO_SCALARS = "annotate(List[Optional[number]], [])";

  private final DType dtype;
  private final List<String> inputs;
  private final StringBuilder forward = new StringBuilder();
  private final StringBuilder prepare = new StringBuilder();
  private final List<TorchTensor> weights = new ArrayList<>();
  private int values;
  private long flops;

  /**
   * @param dtype of activations and of the weights of convolutions, {@code F32} or {@code BF16}
   * @param inputs names of the arguments
   */
  TorchScript(DType dtype, String... inputs) {
    this.dtype = dtype;
    this.inputs = List.of(inputs);
  }

  /**
   * Floating-point operations of one run, two for each product of a convolution and of attention.
   */
  public long flops() {
    return flops;
  }

  /** Writes the module as an archive that libtorch loads. */
  public void save(Path file) throws IOException {
    StringBuilder code = new StringBuilder("class Net(Module):\n");
    code.append("  __parameters__ = []\n  __buffers__ = []\n  w : List[Tensor]\n");
    code.append("  def forward(self: __torch__.Net");
    inputs.forEach(i -> code.append(",\n    ").append(i).append(": Tensor"));
    code.append(") -> Tensor:\n    w = self.w\n").append(forward);
    code.append("  def prepare(self: __torch__.Net) -> NoneType:\n    w = self.w\n");
    code.append(prepare).append("    return None\n");
    TorchArchive.write(file, code.toString(), weights);
  }

  /** Computes {@code expression} and returns the result's name. */
  String let(String expression, Object... args) {
    String name = "v" + values++;
    statement(name + " = " + String.format(Locale.ROOT, expression, args));
    return name;
  }

  private void statement(String statement) {
    forward.append("    ").append(statement).append('\n');
  }

  /** Returns {@code x} as F32. */
  void result(String x) {
    statement("return " + let("torch.to(%s, %d)", x, TorchTensor.code(DType.F32)));
  }

  /** To channels last and the network's dtype: {@code [N, C, H, W]}. */
  String input(String x) {
    return let("torch.contiguous(torch.to(%s, %d), memory_format=2)", x, TorchTensor.code(dtype));
  }

  /** A constant in F32. */
  String weight(HostTensor tensor) {
    return weight(tensor, DType.F32, tensor.shape());
  }

  private String weight(HostTensor tensor, DType stored, Shape shape) {
    weights.add(new TorchTensor(tensor, stored, shape));
    return "w[" + (weights.size() - 1) + "]";
  }

  String conv2d(String x, Conv conv) {
    return conv2d(x, conv, "none");
  }

  String conv2dRelu(String x, Conv conv) {
    return conv2d(x, conv, "relu");
  }

  private String conv2d(String x, Conv conv, String activation) {
    return let(
        "ops.mkldnn._convolution_pointwise(%s, %s, %s, \"%s\", %s, \"\")",
        x, packed(conv), conv.geometry(), activation, NO_SCALARS);
  }

  /** A convolution added to {@code residual}, which is overwritten and returned. */
  String conv2dOnto(String residual, String x, Conv conv) {
    return let(
        "ops.mkldnn._convolution_pointwise_(%s, %s, %s, %s, \"add\", 1, None, %s, None)",
        residual, x, packed(conv), conv.geometry(), NO_SCALARS);
  }

  /** Every other pixel of every other row. */
  String everyOther(String x) {
    String rows = let("torch.slice(%s, 2, 0, %d, 2)", x, Long.MAX_VALUE);
    return let("torch.slice(%s, 3, 0, %d, 2)", rows, Long.MAX_VALUE);
  }

  /**
   * A 1×1 convolution as a matrix product.
   *
   * @param weight {@code [out, in, 1, 1]}
   * @param pixels how many vectors of channels {@code x} has
   */
  String pixelwiseLinear(String x, HostTensor weight, HostTensor bias, long pixels) {
    flops += 2 * pixels * weight.shape().elements();
    Shape matrix = Shape.of(weight.shape().dim(0), weight.shape().dim(1));
    String nhwc = let("torch.contiguous(torch.permute(%s, [0, 2, 3, 1]))", x);
    String result =
        let(
            "torch.linear(%s, %s, %s)",
            nhwc, weight(weight, dtype, matrix), weight(bias, dtype, bias.shape()));
    return let("torch.permute(%s, [0, 3, 1, 2])", result);
  }

  /** The names of weight and bias, the weight reordered by {@code prepare}. */
  private String packed(Conv conv) {
    flops += conv.flops();
    int slot = weights.size();
    String w = weight(conv.weight(), dtype, conv.weightShape());
    prepare.append(
        String.format(
            Locale.ROOT,
            "    _%d = torch._set_item(w, %d, ops.mkldnn._reorder_convolution_weight(%s, %s, %s))\n",
            slot,
            slot,
            w,
            conv.geometry(),
            conv.inputShape()));
    return w + ", " + weight(conv.bias(), dtype, conv.bias().shape());
  }

  /** A constant in the network's dtype. */
  String constant(HostTensor tensor) {
    return weight(tensor, dtype, tensor.shape());
  }

  /**
   * A matrix product with an activation inside it, its weight laid out by {@code prepare}.
   *
   * @param rows how many vectors {@code x} has
   * @param activation {@code none} or {@code gelu}
   */
  String product(String x, long rows, Dense dense, String activation) {
    return let(
        "ops.mkldnn._linear_pointwise(%s, %s, \"%s\", %s, \"none\")",
        x, packed(dense, rows), activation, NO_SCALARS);
  }

  /** A matrix product plus {@code residual}. */
  String productOnto(String residual, String x, long rows, Dense dense) {
    return let(
        "ops.mkldnn._linear_pointwise(%s, %s, %s, \"add\")", x, residual, packed(dense, rows));
  }

  private String packed(Dense dense, long rows) {
    flops += 2 * rows * dense.weight().shape().elements();
    int slot = weights.size();
    String w = constant(dense.weight());
    prepare.append(
        String.format(
            Locale.ROOT,
            "    _%d = torch._set_item(w, %d, ops.mkldnn._reorder_linear_weight(%s, %d))\n",
            slot,
            slot,
            w,
            rows));
    return w + ", " + constant(dense.bias());
  }

  /** Over the last axis. */
  String layerNorm(String x, HostTensor weight, HostTensor bias, double eps) {
    return let(
        "torch.layer_norm(%s, [%d], %s, %s, %s)",
        x, weight.shape().dim(0), constant(weight), constant(bias), eps);
  }

  /** {@code [N, in]} F32 to {@code [N, out]} F32. */
  String linear(String x, HostTensor weight, HostTensor bias) {
    return let("torch.linear(%s, %s, %s)", x, weight(weight), weight(bias));
  }

  /** Scaled dot-product attention over {@code [N, heads, tokens, dim]}. */
  String attention(String q, String k, String v, Shape shape) {
    flops += 4 * shape.elements() * shape.dim(2);
    return let("torch.scaled_dot_product_attention(%s, %s, %s)", q, k, v);
  }

  /** Group norm in 32 groups; scale and shift are {@code [C]} in F32. */
  String groupNorm(String x, String scale, String shift) {
    return let("torch.group_norm(%s, 32, %s, %s, 0.00001)", x, scale, shift);
  }

  String silu(String x) {
    return let("torch.silu(%s)", x);
  }

  /** Overwrites {@code x}, which nothing else may use. */
  String siluInPlace(String x) {
    return let("torch.silu_(%s)", x);
  }
}
