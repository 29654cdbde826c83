package io.densepure.certify;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A run's header with a little of everything in it. */
final class JournalFixture {
  private JournalFixture() {}

  static RunHeader header(SamplingPlan plan) {
    return new RunHeader(config(), plan, HashClassifier.CLASSES, versions("1.0"));
  }

  static ObjectNode config() {
    ObjectNode config = new ObjectMapper().createObjectNode();
    config.put("dataset", "cifar10").put("sigma", 0.25).put("alpha", 0.001).put("seed", 0);
    config.putObject("classifier").put("kind", "vit").putNull("checkpoint");
    config.putArray("reverseSeeds").add(0).add(1);
    return config;
  }

  static ObjectNode versions(String version) {
    return new ObjectMapper().createObjectNode().put("densepure", version);
  }
}
