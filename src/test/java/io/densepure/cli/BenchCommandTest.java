package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

/** What {@code bench} says; not how fast anything is. */
class BenchCommandTest {
  @Test
  void timesEachPrecisionAndEstimatesTheRun() throws Exception {
    Cli r =
        Cli.run(
            "bench",
            "--backend=cpu",
            "--one-shot",
            "--dtypes=fp32",
            "--batches=2,4",
            "--threads=2",
            "--images=3",
            "--n0=10",
            "--n=20",
            "--votes=2",
            "--json");
    assertEquals(0, r.exit(), r.err());
    JsonNode json = new ObjectMapper().readTree(r.out());
    assertEquals(1, json.get("speeds").size(), "a CPU has no choice of batches");
    assertEquals(2 * 4, json.get("speeds").get(0).get("batch").asInt());
    double fastest = json.get("speeds").get(0).get("copies_per_second").asDouble();
    assertTrue(fastest > 0);
    JsonNode run = json.get("run");
    assertEquals(3 * (10 + 20) * 2, run.get("copies").asLong());
    assertEquals(180 / fastest, run.get("seconds_at_most").asDouble(), 1e-9);
  }

  @Test
  void saysInWordsWhatARunTakes() {
    Cli r = Cli.run("bench", "--backend=cpu", "--steps=2", "--dtypes=fp32", "--n=50");
    assertEquals(0, r.exit(), r.err());
    assertTrue(r.out().contains("each copy is 2 passes of the diffusion model"), r.out());
    assertTrue(
        r.out().contains("500 images with N0 100, N 50 and 1 vote: 75,000 copies, about "),
        r.out());
    assertTrue(r.out().contains("with --dtype fp32" + System.lineSeparator()), r.out());
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
