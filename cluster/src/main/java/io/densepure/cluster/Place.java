package io.densepure.cluster;

import io.densepure.InputException;
import java.util.Map;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/** Where a task runs. */
final class Place {
  private static final String AUTO = "auto";
  private static final String CUDA = "cuda";

  private Place() {}

  /** As {@code executor 3 on 10.0.0.7}, for people. */
  static String here() {
    SparkEnv env = SparkEnv.get();
    return "executor " + env.executorId() + " on " + env.blockManager().blockManagerId().host();
  }

  /**
   * What the task computes with.
   *
   * @param asked {@code auto} and {@code cuda} mean the GPU that Spark gave to the task, {@code
   *     auto} the CPU where it gave none
   * @throws InputException if a GPU was asked for and Spark gave none
   */
  static String backend(String asked, TaskContext task) {
    return backend(asked, task.resourcesJMap());
  }

  static String backend(String asked, Map<String, ResourceInformation> resources) {
    if (!asked.equals(AUTO) && !asked.equals(CUDA)) {
      return asked;
    }
    ResourceInformation gpu = resources.get("gpu");
    if (gpu == null || gpu.addresses().length == 0) {
      if (asked.equals(AUTO)) {
        return "cpu";
      }
      throw new InputException(
          "Spark gives its tasks no GPU; set spark.executor.resource.gpu.amount and"
              + " spark.task.resource.gpu.amount (docs/cluster.md)");
    }
    String address = gpu.addresses()[0];
    if (!address.matches("\\d{1,3}")) {
      throw InputException.of(
          "Spark's discovery script calls a GPU %s; it must give their numbers, from 0",
          InputException.quote(address));
    }
    return CUDA + ":" + address;
  }
}
