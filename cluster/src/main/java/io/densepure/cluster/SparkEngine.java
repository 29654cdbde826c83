package io.densepure.cluster;

import io.densepure.data.Dataset;
import io.densepure.pipeline.CertifyRequest;
import io.densepure.pipeline.LaneEngine;
import io.densepure.pipeline.LaneRecipe;
import io.densepure.pipeline.LaneWorkers;
import io.densepure.pipeline.Setup;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;

/** A Spark application whose driver is this process. */
final class SparkEngine implements LaneEngine {
  private final JavaSparkContext spark;
  private final LaneEngine.Options options;
  private final TaskSize size;
  private int runs;

  SparkEngine(JavaSparkContext spark, LaneEngine.Options options, TaskSize size) {
    this.spark = spark;
    this.options = options;
    this.size = size;
  }

  @Override
  public List<String> descriptions() {
    return List.of(
        "Spark %s at %s, application %s"
            .formatted(spark.version(), spark.master(), spark.sc().applicationId()));
  }

  @Override
  public LaneWorkers workers(Setup setup, Dataset data, CertifyRequest request) {
    LaneRecipe recipe = LaneRecipe.of(setup, data, request);
    RunOrder order = new RunOrder(runs++, recipe, request.plan(), options.backend());
    return new SparkWorkers(spark, order, request.images().get(0), size, this::slots);
  }

  /** Tasks that the executors of this moment run at once, by their cores and GPUs. */
  private int slots() {
    SparkContext sc = spark.sc();
    return sc.maxNumConcurrentTasks(sc.resourceProfileManager().defaultResourceProfile());
  }

  @Override
  public void close() {
    // Of requests that are still open when it ends Spark would tell with stack traces.
    spark.setLogLevel("OFF");
    spark.stop();
  }
}
