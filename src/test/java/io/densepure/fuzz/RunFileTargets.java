package io.densepure.fuzz;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.InputException;
import io.densepure.certify.CertifiedImage;
import io.densepure.certify.JournalVotes;
import io.densepure.certify.MergedRun;
import io.densepure.certify.ResultRow;
import io.densepure.certify.RunHeader;
import io.densepure.certify.RunJournal;
import io.densepure.certify.RunRecord;
import io.densepure.certify.SamplingPlan;
import io.densepure.certify.ShardMerge;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/** Files of runs: tables of results, journals, labels. */
final class RunFileTargets {
  private static final int MAX_LANES = 1 << 12;

  private RunFileTargets() {}

  /** A table; what was read must read the same after it is written. */
  static void table(byte[] input, Path folder) throws IOException {
    List<ResultRow> rows = ResultRow.read(Files.write(folder.resolve("t.tsv"), input));
    StringBuilder text = new StringBuilder(ResultRow.HEADER_WITH_TIME).append('\n');
    rows.forEach(row -> text.append(row.toTsv()).append('\n'));
    List<ResultRow> again = ResultRow.read(Files.writeString(folder.resolve("u.tsv"), text));
    Oracle.require(again.size() == rows.size(), "another number of rows after writing");
    for (int i = 0; i < rows.size(); i++) {
      rows.get(i).seconds();
      Oracle.require(again.get(i).idx() == rows.get(i).idx(), "another index after writing");
      Oracle.require(again.get(i).correct() == rows.get(i).correct(), "another flag");
    }
  }

  /** A journal as it is: its checksums stop nearly everything. */
  static void journal(byte[] input, Path folder) throws IOException {
    use(Files.write(folder.resolve("run.jsonl"), input), folder);
  }

  /**
   * A journal's lines, which get the checksums that make the reader believe them. The first is the
   * header's fields; the program writes that line.
   */
  static void sealedJournal(byte[] input, Path folder) throws IOException {
    List<String> lines = new String(input, StandardCharsets.UTF_8).lines().toList();
    Path file = folder.resolve("run.jsonl");
    RunJournal.open(file, header(lines.isEmpty() ? "" : lines.get(0))).close();
    String sealed =
        lines.stream().skip(1).map(RunFileTargets::seal).collect(Collectors.joining("\n"));
    Files.writeString(file, Files.readString(file) + sealed + "\n", StandardCharsets.UTF_8);
    use(file, folder);
  }

  private static RunHeader header(String line) {
    try {
      ObjectNode json = (ObjectNode) new ObjectMapper().readTree(line);
      SamplingPlan plan =
          new SamplingPlan(
              Math.floorMod(json.path("n0").asInt(2), MAX_LANES),
              Math.floorMod(json.path("n").asInt(4), MAX_LANES),
              Math.floorMod(json.path("votes").asInt(1), 16));
      ObjectNode nothing = JsonNodeFactory.instance.objectNode();
      return new RunHeader(
          json.path("config") instanceof ObjectNode config ? config : nothing,
          plan,
          json.path("classes").asInt(10),
          json.path("versions") instanceof ObjectNode versions ? versions : nothing);
    } catch (JsonProcessingException | ClassCastException e) {
      throw new InputException("no header", e);
    }
  }

  /** As {@code JournalSeal} does it. */
  private static String seal(String line) {
    if (!line.endsWith("}")) {
      return line;
    }
    String body = line.substring(0, line.length() - 1);
    CRC32C crc = new CRC32C();
    crc.update(body.getBytes(StandardCharsets.UTF_8));
    return String.format("%s,\"crc\":\"%08x\"}", body, crc.getValue());
  }

  /** What the commands do with a journal; nothing may be written but below the folder. */
  private static void use(Path file, Path folder) throws IOException {
    try (RunRecord record = RunRecord.open(file)) {
      record.header().classNames();
      for (CertifiedImage image : record.images()) {
        ResultRow row = image.row();
        row.toTsv();
        row.seconds();
        record.votes(image.index());
      }
    }
    try (JournalVotes votes = JournalVotes.open(file)) {
      votes.guarantee();
      votes.votes(votes.reverseSeeds());
      votes.images();
    }
    try (ShardMerge shards = ShardMerge.open(List.of(file))) {
      new MergedRun(shards, folder.resolve("merged"), folder.resolve("v-").toString()).write();
    }
  }

  /**
   * The first line of a journal, with the checksum of the line but not that of the configuration.
   */
  static void journalHeader(byte[] input, Path folder) throws IOException {
    Path file = folder.resolve("run.jsonl");
    String body = new String(input, StandardCharsets.UTF_8).replace("\n", " ");
    Files.writeString(file, seal(body) + "\n");
    use(file, folder);
  }
}
