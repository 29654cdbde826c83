package io.densepure.certify;

import java.util.ArrayList;
import java.util.List;

/** Labels a lane by a hash of it: a classifier without a model, that keeps the batches it saw. */
final class HashClassifier implements BatchClassifier {
  static final int CLASSES = 5;
  final List<List<Lane>> batches = new ArrayList<>();
  private final int batchSize;
  private final int failAtBatch;

  HashClassifier(int batchSize) {
    this(batchSize, Integer.MAX_VALUE);
  }

  /** Dies, as a crashing process would, instead of classifying batch {@code failAtBatch}. */
  HashClassifier(int batchSize, int failAtBatch) {
    this.batchSize = batchSize;
    this.failAtBatch = failAtBatch;
  }

  static int label(Lane lane) {
    int hash = lane.image() * 31 + lane.sampleWord() * 1_000_003 + lane.vote() * 7919;
    hash = (hash ^ hash >>> 15) * 0x2c1b3c6d;
    hash = (hash ^ hash >>> 12) * 0x297a2d39;
    int draw = (hash ^ hash >>> 15) >>> 16;
    return draw % 3 == 0 ? draw / 3 % CLASSES : lane.image() % CLASSES;
  }

  @Override
  public int batchSize() {
    return batchSize;
  }

  @Override
  public int classes() {
    return CLASSES;
  }

  @Override
  public int[] classify(List<Lane> lanes) {
    if (batches.size() == failAtBatch) {
      throw new Crash();
    }
    batches.add(List.copyOf(lanes));
    return lanes.stream().mapToInt(HashClassifier::label).toArray();
  }

  @Override
  public void close() {}

  /** Stands for the end of the process. */
  static final class Crash extends Error {}
}
