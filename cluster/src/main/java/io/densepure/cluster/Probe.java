package io.densepure.cluster;

import java.io.Serializable;

/**
 * What one executor says of itself before the run begins.
 *
 * @param device what it computes with
 * @param batch lanes that it takes at once
 * @param classes of the classifier
 * @param stepsPerLane calls of the diffusion network
 * @param startSeconds until its networks were ready
 * @param secondsPerBatch how fast it is
 * @param complaint what is wrong with the input, as one line; null if nothing is
 */
record Probe(
    String device,
    int batch,
    int classes,
    int stepsPerLane,
    double startSeconds,
    double secondsPerBatch,
    String complaint)
    implements Serializable {}
