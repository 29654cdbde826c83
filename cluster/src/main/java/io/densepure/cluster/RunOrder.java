package io.densepure.cluster;

import io.densepure.certify.SamplingPlan;
import io.densepure.pipeline.LaneRecipe;
import java.io.Serializable;

/**
 * What an executor needs to know about a run.
 *
 * @param id tells this run from others of the application
 * @param recipe what labels depend on
 * @param plan the order of an image's lanes
 * @param backend {@code auto} for the GPU that Spark gives a task, or else the CPU; or as for
 *     {@code --backend}
 */
record RunOrder(int id, LaneRecipe recipe, SamplingPlan plan, String backend)
    implements Serializable {}
