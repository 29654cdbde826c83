package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.densepure.certify.ResultRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** --votes K does what K runs and a merge do: the same files to the byte, the same certificates. */
class VotesInOneRunTest {
  private static final String RUN =
      "certify --sigma 1.0 --N0 3 --N 10 --ids 1,4 --use_t_steps --num_t_steps 2"
          + " --batch 16 --threads 1 --save_predictions --outfile %s --predictions_path %s/1.0-";

  @TempDir private Path folder;

  private void run(String command) {
    Cli cli = Cli.run((Object[]) command.split(" "));
    assertEquals(0, cli.exit(), cli.err());
  }

  private List<String> rows(String table) {
    return ResultRow.read(folder.resolve(table)).stream()
        .map(r -> r.idx() + " " + r.label() + " " + r.predict() + " " + r.radius())
        .toList();
  }

  private List<Path> files(String sub) throws IOException {
    try (Stream<Path> all = Files.list(folder.resolve(sub))) {
      return all.sorted().toList();
    }
  }

  @Test
  void threeVotesAreThreeRunsMerged() throws IOException {
    for (int seed = 0; seed < 3; seed++) {
      String table = folder.resolve("single-" + seed).toString();
      run(RUN.formatted(table, folder.resolve("apart")) + " --reverse_seed " + seed);
    }
    run(RUN.formatted(folder.resolve("all"), folder.resolve("together")) + " --votes 3");

    List<Path> apart = files("apart");
    List<Path> together = files("together");
    assertEquals(2 * 3 * 2, apart.size());
    for (int i = 0; i < apart.size(); i++) {
      assertEquals(apart.get(i).getFileName(), together.get(i).getFileName());
      assertArrayEquals(Files.readAllBytes(apart.get(i)), Files.readAllBytes(together.get(i)));
    }
    Path first = folder.resolve("apart/1.0-4-0-n_predictions.npy");
    Path second = folder.resolve("apart/1.0-4-1-n_predictions.npy");
    assertNotEquals(-1, Files.mismatch(first, second), "the seeds' votes differ");

    String merge = "merge --majority_vote_num 3 --N0 3 --N 10 --sigma 1.0";
    for (String votes : List.of("apart", "together")) {
      run(
          merge
              + " --predictions_path %s/1.0- --labels %s --out %s"
                  .formatted(
                      folder.resolve(votes),
                      folder.resolve("single-0_diffpure"),
                      folder.resolve("merged")));
      assertEquals(rows("all_diffpure"), rows("merged"));
    }
  }
}
