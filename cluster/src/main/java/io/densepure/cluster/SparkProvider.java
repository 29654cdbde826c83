package io.densepure.cluster;

import io.densepure.DeviceException;
import io.densepure.InputException;
import io.densepure.pipeline.LaneEngine;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** {@code certify --engine spark}: an application of a Spark cluster. */
public final class SparkProvider implements LaneEngine.Provider {
  private static final String MASTER = "spark.master";

  /** Times longer than it should take, and a task is begun a second time. */
  private static final int LATE = 6;

  private static final String JARS = "spark.jars";

  @Override
  public String name() {
    return "spark";
  }

  @Override
  public LaneEngine open(LaneEngine.Options options) {
    SparkConf conf = conf(options);
    TaskSize size = TaskSize.of(conf);
    try {
      return new SparkEngine(new JavaSparkContext(conf), options, size);
    } catch (Exception e) { // Scala's are checked, but not declared
      String what = "Spark at " + conf.get(MASTER) + " cannot be used: " + Failures.reason(e);
      if (what.contains("Could not parse Master URL")) {
        throw new InputException("--master: " + Failures.reason(e), e);
      }
      throw new DeviceException(what, e);
    }
  }

  /** What the user set, here or by spark-submit, and what suits our tasks where he did not. */
  private static SparkConf conf(LaneEngine.Options options) {
    SparkConf conf = new SparkConf();
    options
        .settings()
        .forEach(
            (key, value) -> {
              if (!key.startsWith("spark.")) {
                throw InputException.of("--engine-conf %s: Spark's begin with 'spark.'", key);
              }
              conf.set(key, value);
            });
    if (options.master() != null) {
      conf.setMaster(options.master());
    }
    if (!conf.contains(MASTER)) {
      throw new InputException(
          "--engine spark: say where the cluster is with --master, as spark://host:7077");
    }
    conf.setIfMissing("spark.app.name", "densepure certify");
    conf.setIfMissing("spark.log.level", "ERROR");
    // The end of a run must not wait for an executor that does not answer, to clean it up.
    conf.setIfMissing("spark.cleaner.referenceTracking.blocking", "false");
    // Copies of a task do no harm: the first one's labels are taken, and the other's are the same.
    conf.setIfMissing("spark.speculation", "true");
    conf.setIfMissing("spark.speculation.minTaskRuntime", "5s");
    // Where a job has one task, there are no others to compare it with.
    String late = (long) Math.ceil(LATE * TaskSize.of(conf).seconds()) + "s";
    conf.setIfMissing("spark.speculation.task.duration.threshold", late);
    // A lost executor counts as a failure of what it ran, and long runs lose some.
    conf.setIfMissing("spark.task.maxFailures", "8");
    return conf.set(JARS, jars(conf));
  }

  /** The user's jars, and those with our classes unless the executors have them. */
  private static String jars(SparkConf conf) {
    String there = conf.get("spark.executor.extraClassPath", "");
    Set<String> jars = new LinkedHashSet<>();
    Stream.of(conf.get(JARS, "").split(",")).filter(jar -> !jar.isBlank()).forEach(jars::add);
    for (Class<?> ours : new Class<?>[] {LaneEngine.class, SparkProvider.class}) {
      String jar = jarOf(ours);
      String name = new File(jar).getName();
      if (!there.contains(name) && jars.stream().noneMatch(j -> j.endsWith("/" + name))) {
        jars.add(jar);
      }
    }
    return String.join(",", jars);
  }

  private static String jarOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
