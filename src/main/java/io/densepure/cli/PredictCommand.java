package io.densepure.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.certify.Certificate;
import io.densepure.data.Dataset;
import io.densepure.pipeline.Devices;
import io.densepure.pipeline.Execution;
import io.densepure.pipeline.PredictRequest;
import io.densepure.pipeline.PredictRun;
import io.densepure.pipeline.Setup;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code predict}: Cohen et al.'s PREDICT, the smoothed classifier's answer or none. */
@Command(
    name = "predict",
    sortOptions = false,
    description =
        "Predict with the smoothed classifier: the class, or abstain when the samples do not decide.",
    footer = {
      "",
      "Example:",
      "  densepure predict --ids 0,1,2 --sigma 0.5 --n 100 --steps 3 --votes 3"
    })
final class PredictCommand implements Callable<Integer> {
  @Mixin private SetupOptions setupOptions;
  @Mixin private SmoothingOptions smoothing;
  @Mixin private ConfidenceOptions confidence;

  @Option(
      names = {"--n", "--N"},
      paramLabel = "N",
      defaultValue = "100",
      description = "Noisy copies of each image. Default: 100.")
  private int n;

  @Option(
      names = {"--ids", "--sample_id"},
      paramLabel = "I",
      arity = "1..*",
      split = ",",
      required = true,
      description = "Images of the data set by index.")
  private List<Integer> ids;

  @Option(names = "--base", description = "The bare classifier under smoothing, no denoising.")
  private boolean base;

  @Option(names = "--json", description = "Print the results as one JSON object.")
  private boolean json;

  @Mixin private SharedComputeOptions compute;

  @Override
  public Integer call() {
    PredictRequest request =
        new PredictRequest(
            setupOptions.classifier(),
            base ? null : smoothing.mode(),
            ids,
            smoothing.noise(
                LongStream.range(0, smoothing.votes)
                    .mapToObj(k -> smoothing.reverseSeed + k)
                    .toList()),
            n,
            confidence.alpha,
            new Execution(smoothing.batch, compute.dtype()));
    Setup setup = setupOptions.load();
    Dataset data = setup.dataset();
    try (Devices devices = compute.open();
        PredictRun run = PredictRun.open(devices, setup, request, data);
        ProgressReporter bar = new ProgressReporter("predict", "lanes", request.lanes())) {
      run.batches().forEach(System.err::println);
      List<PredictRun.Prediction> results =
          run.run(
              p -> bar.update(p.lanesDone(), p.lanesTotal(), p.imagesDone() + " images done"),
              System.err::println);
      SortedMap<Integer, Integer> notFinite = new TreeMap<>();
      results.stream()
          .filter(p -> p.notFinite() > 0)
          .forEach(p -> notFinite.put(p.image(), p.notFinite()));
      NotFiniteLanes.warn(System.err, notFinite, (long) n * smoothing.votes, compute.dtype());
      print(results, data);
    }
    return 0;
  }

  private void print(List<PredictRun.Prediction> results, Dataset data) {
    if (json) {
      ObjectNode all = JsonNodeFactory.instance.objectNode();
      for (PredictRun.Prediction p : results) {
        all.withArray("images")
            .addObject()
            .put("idx", p.image())
            .put("label", data.label(p.image()))
            .put("predict", p.prediction())
            .put("not_finite", p.notFinite());
      }
      System.out.println(all.toPrettyString());
      return;
    }
    System.out.printf("%6s  %-12s %-12s %s%n", "idx", "label", "predict", "votes");
    for (PredictRun.Prediction p : results) {
      boolean abstains = p.prediction() == Certificate.ABSTAIN;
      System.out.printf(
          "%6d  %-12s %-12s %d of %d%n",
          p.image(),
          data.classNames().get(data.label(p.image())),
          abstains ? "abstain" : data.classNames().get(p.prediction()),
          p.topCount(),
          n);
    }
  }
}
