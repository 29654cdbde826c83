package io.densepure.cli;

import io.densepure.InputException;
import io.densepure.certify.CertifiedImage;
import io.densepure.data.Dataset;
import io.densepure.pipeline.CertifyRequest;
import io.densepure.pipeline.CertifyRun;
import io.densepure.pipeline.LanePictures;
import io.densepure.report.FinishedRun;
import io.densepure.report.Picture;
import io.densepure.report.PictureFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Saves what a run saw of its first images, beside its table. */
final class RunPictures {
  static final int MAX_VOTES = 8;

  private RunPictures() {}

  /**
   * @param count how many images at most, in the order in which the run was asked for them
   */
  static void save(
      CertifyRun run, CertifyRequest request, List<CertifiedImage> results, int count) {
    Set<Integer> done = results.stream().map(CertifiedImage::index).collect(Collectors.toSet());
    PictureFiles files = new PictureFiles(FinishedRun.pictures(request.outfile()));
    files.begin();
    List<Integer> images =
        request.images().stream().filter(done::contains).distinct().limit(count).toList();
    int votes = Math.min(MAX_VOTES, run.votes());
    LanePictures.look(
        run.pipeline(), run.data(), images, votes, pictures -> write(run.data(), pictures, files));
  }

  private static void write(Dataset data, LanePictures pictures, PictureFiles files) {
    write(data, pictures.clean(), files.image(pictures.image()));
    write(data, pictures.noisy(), files.noisy(pictures.image()));
    for (int vote = 1; vote <= pictures.denoised().size(); vote++) {
      write(data, pictures.denoised().get(vote - 1), files.vote(pictures.image(), vote));
    }
  }

  private static void write(Dataset data, float[] pixels, Path png) {
    try {
      new Picture(pixels, data.channels(), data.height(), data.width()).write(png);
    } catch (IOException e) {
      throw InputException.unwritable(png, e);
    }
  }
}
