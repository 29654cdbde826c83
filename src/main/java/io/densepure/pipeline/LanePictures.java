package io.densepure.pipeline;

import io.densepure.certify.Lane;
import io.densepure.data.Dataset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a run saw of one image: the image, its first noisy copy of the estimation, and what each
 * vote made of that. Lanes are pure functions of their key, so they are computed once more for
 * pixels.
 *
 * @param image its index
 * @param clean {@code [C, H, W]} in [0, 1], as all pixels
 * @param noisy the copy, mostly in [0, 1]
 * @param denoised one per vote; none for a bare classifier
 * @param labels what the classifier said about each of {@code denoised}, or about {@code noisy}
 */
public record LanePictures(
    int image, float[] clean, float[] noisy, List<float[]> denoised, List<Integer> labels) {

  /**
   * Looks at some images, in their order, in batches as full as they can be.
   *
   * @param votes how many of the copy's votes to look at, at least 1
   */
  public static void look(
      LanePipeline pipeline,
      Dataset data,
      List<Integer> images,
      int votes,
      Consumer<LanePictures> pictures) {
    List<Lane> lanes = new ArrayList<>();
    for (int image : images) {
      for (int vote = 0; vote < votes; vote++) {
        lanes.add(new Lane(image, Lane.Phase.ESTIMATION, 0, vote));
      }
    }
    LanePictures current = null;
    for (int from = 0; from < lanes.size(); from += pipeline.batchSize()) {
      List<Lane> batch = lanes.subList(from, Math.min(lanes.size(), from + pipeline.batchSize()));
      int[] labels = pipeline.classify(batch);
      for (int slot = 0; slot < batch.size(); slot++) {
        Lane lane = batch.get(slot);
        if (lane.vote() == 0) {
          float[] clean = data.image(lane.image()).ravel().toFloatVector();
          current =
              new LanePictures(
                  lane.image(),
                  clean,
                  pipeline.noisyImage(slot),
                  new ArrayList<>(),
                  new ArrayList<>());
        }
        current.labels.add(labels[slot]);
        if (pipeline.stepsPerLane() > 0) {
          current.denoised.add(pipeline.denoisedImage(slot));
        }
        if (lane.vote() == votes - 1) {
          pictures.accept(current);
        }
      }
    }
  }
}
