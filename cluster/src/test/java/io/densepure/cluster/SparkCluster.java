package io.densepure.cluster;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A standalone Spark cluster on the loopback interface: a master and workers of one core each, from
 * the artifacts on the test's class path.
 */
final class SparkCluster implements AutoCloseable {
  private static final Pattern URL = Pattern.compile("Starting Spark master at (spark://\\S+)");
  private static final String HOST = "127.0.0.1";

  /** What JDK 17 keeps from Spark, as org.apache.spark.launcher.JavaModuleOptions has it. */
  private static final List<String> JVM =
      List.of(
          org.apache.spark.launcher.JavaModuleOptions.defaultModuleOptions().trim().split("\\s+"));

  final Path home;
  final String url;
  private final Path folder;
  private int workers;
  private final Processes processes;

  SparkCluster(Path folder, Processes processes) throws IOException, InterruptedException {
    this.folder = folder;
    this.processes = processes;
    home = home(Path.of(clusterJar()).resolveSibling("spark-home"));
    Processes.Running master =
        processes.java(
            "master",
            environment(),
            spark(
                "org.apache.spark.deploy.master.Master",
                List.of("--host", HOST, "--port", "0", "--webui-port", "0")));
    master.await("URL of the master", () -> URL.matcher(master.errors()).find());
    Matcher found = URL.matcher(master.errors());
    found.find();
    url = found.group(1);
  }

  /** What an installed Spark looks like to its workers and scripts: a folder with all its jars. */
  private static Path home(Path home) throws IOException {
    Path jars = Files.createDirectories(home.resolve("jars"));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path jar = Path.of(entry);
      String name = jar.getFileName().toString();
      boolean sparks = !entry.contains("junit") && !name.startsWith("densepure");
      if (name.endsWith(".jar") && sparks && !Files.exists(jars.resolve(name))) {
        Files.createSymbolicLink(jars.resolve(name), jar);
      }
    }
    return home;
  }

  Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    environment.put("SPARK_HOME", home.toString());
    environment.put("SPARK_SCALA_VERSION", "2.13");
    environment.put("SPARK_LOCAL_IP", HOST);
    environment.put("SPARK_LOCAL_DIRS", folder.toString());
    environment.put("OMP_NUM_THREADS", "1");
    environment.put("OMP_WAIT_POLICY", "passive");
    return environment;
  }

  private List<String> spark(String main, List<String> args) {
    return java(List.of(home + "/jars/*"), main, args);
  }

  private static List<String> java(List<String> classPath, String main, List<String> args) {
    List<String> words = new ArrayList<>(JVM);
    words.add("-Dslf4j.provider=org.apache.logging.slf4j.SLF4JServiceProvider");
    words.addAll(List.of("-cp", String.join(File.pathSeparator, classPath), main));
    words.addAll(args);
    return words;
  }

  /**
   * Starts a worker of one core and waits until the master knows it. Each has an address of its
   * own, as Spark begins a task a second time on another host only.
   */
  Processes.Running worker(Map<String, String> more, String... javaOptions)
      throws IOException, InterruptedException {
    Map<String, String> environment = environment();
    String host = "127.0.0." + (2 + workers++);
    environment.put("SPARK_LOCAL_IP", host);
    environment.putAll(more);
    List<String> words = new ArrayList<>(List.of(javaOptions));
    words.addAll(
        spark(
            "org.apache.spark.deploy.worker.Worker",
            List.of(
                "--host",
                host,
                "--webui-port",
                "0",
                "--cores",
                "1",
                "--memory",
                "1g",
                "--work-dir",
                folder.resolve("work").toString(),
                url)));
    Processes.Running worker = processes.java("worker", environment, words);
    worker.await("worker", () -> worker.errors().contains("Successfully registered with master"));
    return worker;
  }

  /** A worker that has one GPU, with this number: see the CUDA-on-CPU harness. */
  Processes.Running workerWithGpu(int number) throws IOException, InterruptedException {
    Path script = folder.resolve("gpus.sh");
    Files.writeString(
        script,
        "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"%d\"]}'\n".formatted(number));
    script.toFile().setExecutable(true);
    return worker(
        Map.of("CUDA_ON_CPU_DEVICES", String.valueOf(number + 1)),
        "-Dspark.worker.resource.gpu.amount=1",
        "-Dspark.worker.resource.gpu.discoveryScript=" + script);
  }

  private static String harness() {
    return "-Ddensepure.cuda.libraries=" + System.getProperty("densepure.cuda.libraries");
  }

  /** Settings that keep an application on the loopback interface, and small. */
  private static Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("spark.driver.host", HOST);
    settings.put("spark.driver.bindAddress", HOST);
    settings.put("spark.ui.enabled", "false");
    settings.put("spark.executor.memory", "512m");
    settings.put(
        "spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC " + harness());
    settings.put("spark.densepure.taskSeconds", "0.001");
    return settings;
  }

  /** {@code densepure certify --engine spark}, as ./densepure starts it. */
  Processes.Running certify(List<String> args, String... more) throws IOException {
    List<String> words = new ArrayList<>(List.of("certify", "--engine", "spark", "--master", url));
    settings().forEach((key, value) -> words.addAll(List.of("--engine-conf", key + "=" + value)));
    words.addAll(args);
    words.addAll(List.of(more));
    String ours = clusterJar() + File.pathSeparator + densepureJar();
    words.add("--engine-conf=spark.executor.extraClassPath=" + ours); // not copied for each run
    List<String> classPath = List.of(home + "/jars/*", ours);
    return processes.java(
        "driver", environment(), java(classPath, "io.densepure.cli.DensePure", words));
  }

  /** The same through spark-submit, whose script does no more than this. */
  Processes.Running submit(List<String> args) throws IOException {
    List<String> words = new ArrayList<>(List.of("--master", url, "--jars", clusterJar()));
    settings().forEach((key, value) -> words.addAll(List.of("--conf", key + "=" + value)));
    words.addAll(List.of("--class", "io.densepure.cli.DensePure", densepureJar()));
    words.addAll(List.of("certify", "--engine", "spark"));
    words.addAll(args);
    return processes.java(
        "submit", environment(), spark("org.apache.spark.deploy.SparkSubmit", words));
  }

  /** {@code densepure certify} on this machine, without Spark. */
  Processes.Running local(List<String> args) throws IOException {
    List<String> words = new ArrayList<>(List.of(harness(), "-jar", densepureJar(), "certify"));
    words.addAll(args);
    return processes.java("local", environment(), words);
  }

  /** A driver that prints what Spark costs. */
  Processes.Running measure() throws IOException {
    String tests = Path.of(clusterJar()).resolveSibling("test-classes").toString();
    List<String> classPath = List.of(home + "/jars/*", clusterJar(), densepureJar(), tests);
    List<String> words = new ArrayList<>(List.of("-Dspark.master=" + url, "-Dspark.app.name=x"));
    settings().forEach((key, value) -> words.add("-D" + key + "=" + value));
    words.add("-Dspark.log.level=ERROR");
    words.add(
        "-Dspark.executor.extraClassPath="
            + String.join(File.pathSeparator, classPath.subList(1, classPath.size())));
    words.addAll(java(classPath, "io.densepure.cluster.Overheads", List.of()));
    return processes.java("measure", environment(), words);
  }

  static String clusterJar() {
    return System.getProperty("densepure.cluster.jar");
  }

  static String densepureJar() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> entry.endsWith("densepure.jar"))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void close() {
    processes.close();
  }
}
