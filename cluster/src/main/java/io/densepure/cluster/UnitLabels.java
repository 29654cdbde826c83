package io.densepure.cluster;

import java.io.Serializable;

/**
 * What a task gives back.
 *
 * @param labels of its lanes, in order; null if something is wrong
 * @param seconds that they took
 * @param complaint what is wrong with the input, as one line; null if nothing is. An exception
 *     would make Spark try again, which does not help.
 */
record UnitLabels(int[] labels, double seconds, String complaint) implements Serializable {}
