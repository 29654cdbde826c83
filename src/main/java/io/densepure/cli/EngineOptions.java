package io.densepure.cli;

import io.densepure.InputException;
import io.densepure.pipeline.LaneEngine;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceLoader;
import picocli.CommandLine.Option;

/** Whether this machine computes, or a cluster (docs/cluster.md). */
@HelpSection.In(HelpSection.COMPUTE)
final class EngineOptions {
  private static final String LOCAL = "local";

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      defaultValue = LOCAL,
      description =
          "local (this machine's devices) or spark (tasks of a Spark cluster; see"
              + " docs/cluster.md). Results do not depend on it. Default: local.")
  private String name;

  @Option(
      names = "--master",
      paramLabel = "URL",
      description = "The engine's cluster, as spark://host:7077. spark-submit knows it already.")
  private String master;

  @Option(
      names = "--engine-conf",
      paramLabel = "KEY=VALUE",
      description = "A setting of the engine, as spark.executor.cores=4; can be repeated.")
  private Map<String, String> settings = new LinkedHashMap<>();

  /**
   * @throws InputException if what is asked for needs devices of this machine
   */
  void check(boolean estimate, boolean pictures) {
    boolean local = name.equals(LOCAL);
    if (local && (master != null || !settings.isEmpty())) {
      throw new InputException("--master and --engine-conf need --engine spark");
    }
    if (!local && (estimate || pictures)) {
      throw InputException.of(
          "%s computes on this machine; it does not go with --engine %s",
          estimate ? "--estimate" : "--pictures", name);
    }
  }

  /** Opens what was asked for. */
  LaneEngine open(SharedComputeOptions compute) {
    if (name.equals(LOCAL)) {
      return compute.open();
    }
    LaneEngine.Options options = compute.remote(master, settings);
    for (LaneEngine.Provider provider : ServiceLoader.load(LaneEngine.Provider.class)) {
      if (provider.name().equals(name)) {
        return provider.open(options);
      }
    }
    if (name.equals("spark")) {
      throw new InputException(
          "--engine spark: densepure-cluster.jar and Spark's jars are not on the class path; set"
              + " SPARK_HOME and use ./densepure, or use spark-submit (docs/cluster.md)");
    }
    throw InputException.of("--engine '%s' is neither local nor spark", name);
  }
}
