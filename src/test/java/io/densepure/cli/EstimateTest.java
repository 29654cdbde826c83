package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code certify --estimate}, as a user runs it. */
class EstimateTest {
  @TempDir private Path folder;

  private Cli estimate(Object... more) {
    List<Object> args = new ArrayList<>(List.of("certify", "--estimate", "--sigma", 0.25));
    args.addAll(List.of("--N0", 10, "--N", 90, "--ids", "3,4,5", "--steps", 2, "--votes", 4));
    args.addAll(List.of("--out", folder.resolve("run"), "--save-votes"));
    args.addAll(List.of("--votes-prefix", folder.resolve("votes") + "/"));
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray());
  }

  @Test
  void countsForwardPassesAndWritesNothing() throws IOException {
    Cli cli = estimate("--mode", "both", "--json");
    assertEquals(0, cli.exit(), cli.err());
    JsonNode estimates = new ObjectMapper().readTree(cli.out()).get("estimates");
    assertEquals(2, estimates.size());
    JsonNode base = estimates.get(0);
    assertEquals("base", base.get("method").asText());
    assertEquals(300, base.get("lanes").asLong());
    assertEquals(0, base.get("denoiser_forwards").asLong());
    JsonNode purified = estimates.get(1);
    assertEquals("2 steps, 4 votes", purified.get("method").asText());
    assertEquals(1200, purified.get("lanes").asLong());
    assertEquals(2400, purified.get("denoiser_forwards").asLong());
    assertEquals(1200, purified.get("classifier_forwards").asLong());
    JsonNode device = purified.get("devices").get(0);
    assertEquals("cpu", device.get("device").asText());
    assertFalse(device.has("bytes_needed"), "memory is planned on GPUs only");
    double perBatch = device.get("seconds_per_batch").asDouble();
    assertTrue(perBatch > 0);
    int batch = device.get("batch").asInt();
    assertEquals(
        perBatch * ((1200 + batch - 1) / batch),
        purified.get("seconds_at_most").asDouble(),
        1e-9,
        "whole batches");
    assertNothingIsWritten();
  }

  @Test
  void saysThatItIsAnUpperBound() throws IOException {
    Cli cli = estimate();
    assertEquals(0, cli.exit(), cli.err());
    assertTrue(cli.out().contains("2 steps, 4 votes: 3 images of fashion-mnist"), cli.out());
    assertTrue(
        cli.out().contains("forward passes: 2,400 of the diffusion model, 1,200"), cli.out());
    assertTrue(cli.out().contains(" at most"), cli.out());
    assertTrue(cli.out().contains("No more than that"), cli.out());
    assertNothingIsWritten();
  }

  @Test
  void whatTheRunWouldRefuseIsRefused() throws IOException {
    Cli cli = estimate("--ids", 123456);
    assertEquals(2, cli.exit());
    assertTrue(cli.complaint().contains("image 123456 does not exist"), cli.err());
    assertNothingIsWritten();
  }

  private void assertNothingIsWritten() throws IOException {
    try (var files = Files.list(folder)) {
      assertEquals(List.of(), files.toList());
    }
  }
}
