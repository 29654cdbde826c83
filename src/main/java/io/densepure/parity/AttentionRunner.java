package io.densepure.parity;

import io.densepure.compute.HostTensor;
import io.densepure.compute.Ops;
import io.densepure.compute.QkvLayout;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One random qkv through the originals' three attention classes. */
final class AttentionRunner implements CaseRunner {
  /** Arrays are named by class and number of heads: {@code legacy_h4}. */
  private static final Pattern NAME = Pattern.compile("(legacy|improved|new)_h(\\d+)");

  @Override
  public boolean handles(GoldenCase c) {
    return c.source().contains("QKVAttention");
  }

  @Override
  public void run(Trial trial) {
    List<String> names =
        trial.arrays().names("").stream().filter(n -> NAME.matcher(n).matches()).toList();
    try (NetworkRun run = new NetworkRun(trial)) {
      Tensor qkv = run.input(trial.arrays().get("qkv")); // [N, T, 3C]
      for (String name : names) {
        HostTensor golden = channelsLast(trial.arrays().get(name));
        run.expect(name, name, golden, trial.precision());
      }
      run.run(
          ops -> {
            Tensor rounded = ops.cast(qkv, trial.dtype());
            for (String name : names) {
              ops.probe(name, () -> attention(ops, rounded, name));
            }
          });
    }
  }

  private static Tensor attention(Ops ops, Tensor qkv, String name) {
    Matcher m = NAME.matcher(name);
    if (!m.matches()) {
      throw new IllegalArgumentException(name);
    }
    QkvLayout layout = m.group(1).equals("new") ? QkvLayout.QKV_FIRST : QkvLayout.HEADS_FIRST;
    return ops.attention(qkv, Integer.parseInt(m.group(2)), layout);
  }

  /** {@code [N, C, T]} to {@code [N, T, C]}, as the device has it. */
  private static HostTensor channelsLast(HostTensor t) {
    Shape shape = Layout.channelsLast(t.shape());
    return HostTensor.of(t.name(), shape, Layout.channelsLast(t.toFloats(), t.shape()));
  }
}
