package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

/** What {@code bench} says; not how fast anything is. */
class BenchCommandTest {
  @Test
  void timesEachPrecisionAndBatchAndEstimatesTheRun() throws Exception {
    Cli r =
        Cli.run(
            "bench",
            "--backend=cpu",
            "--one-shot",
            "--dtypes=fp32",
            "--batches=2,4",
            "--images=3",
            "--n0=10",
            "--n=20",
            "--votes=2",
            "--json");
    assertEquals(0, r.exit(), r.err());
    JsonNode json = new ObjectMapper().readTree(r.out());
    assertEquals(2, json.get("speeds").size());
    assertEquals(2, json.get("speeds").get(0).get("batch").asInt());
    assertEquals(4, json.get("speeds").get(1).get("batch").asInt());
    double fastest = 0;
    for (JsonNode speed : json.get("speeds")) {
      fastest = Math.max(fastest, speed.get("copies_per_second").asDouble());
    }
    assertTrue(fastest > 0);
    JsonNode run = json.get("run");
    assertEquals(3 * (10 + 20) * 2, run.get("copies").asLong());
    assertEquals(180 / fastest, run.get("seconds_at_most").asDouble(), 1e-9);
  }

  @Test
  void saysInWordsWhatARunTakes() {
    Cli r =
        Cli.run("bench", "--backend=cpu", "--steps=2", "--batches=2", "--dtypes=fp32", "--n=50");
    assertEquals(0, r.exit(), r.err());
    assertTrue(r.out().contains("each copy is 2 passes of the diffusion model"), r.out());
    assertTrue(
        r.out().contains("500 images with N0 100, N 50 and 1 vote: 75,000 copies, about "),
        r.out());
    assertTrue(r.out().contains("with --dtype fp32 --batch 2"), r.out());
  }

  @Test
  void refusesWhatCannotBeTimed() {
    Cli batch = Cli.run("bench", "--backend=cpu", "--batches=0");
    assertEquals(2, batch.exit());
    assertTrue(batch.err().contains("--batches"), batch.err());
    Cli dtype = Cli.run("bench", "--backend=cpu", "--dtypes=fp16");
    assertEquals(2, dtype.exit());
    assertTrue(dtype.err().contains("fp16"), dtype.err());
  }
}
