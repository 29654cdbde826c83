package io.densepure.certify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.InputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The first line of a journal: what the run does. Two runs whose headers have the same hash give
 * the same labels.
 *
 * @param config everything that the results depend on: data set, models, sigma, alpha, seeds, …
 * @param plan N0, N and the number of votes
 * @param classes number of classes
 * @param versions of this program and its libraries, and class names for reports; not part of the
 *     hash
 * @param shard which part of the run the journal holds, or null if it can hold all of it; not part
 *     of the hash, which all shards of a run share
 */
public record RunHeader(
    ObjectNode config, SamplingPlan plan, int classes, ObjectNode versions, ShardNote shard) {
  /** Format 1 had no checksums. */
  private static final int FORMAT = 2;

  private static final int MAX_SHOWN = 200;
  private static final String SHARD = "shard";
  private static final String CLASS_NAMES = "class_names";

  /** Of a whole run. */
  public RunHeader(ObjectNode config, SamplingPlan plan, int classes, ObjectNode versions) {
    this(config, plan, classes, versions, null);
  }

  /** The same for the whole run. */
  public RunHeader unsharded() {
    return new RunHeader(config, plan, classes, versions);
  }

  /** The same with the names of the classes, in label order. */
  public RunHeader withClassNames(List<String> names) {
    ObjectNode more = versions.deepCopy();
    more.remove(CLASS_NAMES);
    names.forEach(more.withArray(CLASS_NAMES)::add);
    return new RunHeader(config, plan, classes, more, shard);
  }

  /** The names of the classes, in label order; none if the journal does not say. */
  public List<String> classNames() {
    List<String> names = new ArrayList<>();
    versions.path(CLASS_NAMES).forEach(name -> names.add(InputException.printable(name.asText())));
    return names;
  }

  /** Standard deviation of the smoothing noise; NaN if the journal does not say. */
  public double sigma() {
    return config.path("sigma").asDouble(Double.NaN);
  }

  /** Failure probability of each certificate; NaN if the journal does not say. */
  public double alpha() {
    return config.path("alpha").asDouble(Double.NaN);
  }

  /** How its certificates come about. */
  public Guarantee guarantee() {
    return Guarantee.described(config);
  }

  /** The reverse seed of each vote; none where nothing was denoised. */
  public List<Long> reverseSeeds() {
    return JournalJson.listed(config, "reverse_seeds").stream().map(Long::valueOf).toList();
  }

  /** SHA-256, in hexadecimal, over everything but the versions and the shard. */
  public String hash() {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      byte[] digest = sha256.digest(leaves().toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * Makes sure that {@code wanted} may continue this run.
   *
   * @param file of this header, for the message
   * @throws InputException naming the first field that differs
   */
  void requireSame(RunHeader wanted, String file) {
    Map<String, String> mine = allLeaves();
    Map<String, String> theirs = wanted.allLeaves();
    String field = firstDifference(mine, theirs);
    if (field != null) {
      throw InputException.of(
          "%s: belongs to a run with %s = %s, but this one has %s; give this run another output"
              + " file, or delete that one",
          file, field, shown(mine, field), shown(theirs, field));
    }
  }

  /**
   * Makes sure that both are shards of one run.
   *
   * @throws InputException naming the first field that differs
   */
  void requireSameRun(RunHeader other, Path file, Path othersFile) {
    Map<String, String> mine = allLeaves();
    Map<String, String> theirs = other.allLeaves();
    mine.remove(SHARD);
    theirs.remove(SHARD);
    String field = firstDifference(mine, theirs);
    if (field != null) {
      throw InputException.of(
          "%s: has %s = %s, but %s has %s: they are no shards of one run",
          file, field, shown(mine, field), othersFile, shown(theirs, field));
    }
  }

  private static String firstDifference(Map<String, String> mine, Map<String, String> theirs) {
    TreeSet<String> fields = new TreeSet<>(mine.keySet());
    fields.addAll(theirs.keySet());
    return fields.stream()
        .filter(f -> !mine.getOrDefault(f, "").equals(theirs.getOrDefault(f, "")))
        .findFirst()
        .orElse(null);
  }

  private static String shown(Map<String, String> leaves, String field) {
    String value = leaves.getOrDefault(field, "(none)");
    return value.length() <= MAX_SHOWN ? value : value.substring(0, MAX_SHOWN) + "…";
  }

  String toLine() {
    ObjectNode line = JournalJson.object("run");
    line.put("format", FORMAT).put("hash", hash());
    line.set("config", config);
    line.putObject("plan").put("n0", plan.n0()).put("n", plan.n()).put("votes", plan.votes());
    line.put("classes", classes);
    line.set("versions", versions);
    if (shard != null) {
      shard.writeTo(line.putObject(SHARD));
    }
    return JournalSeal.seal(line.toString());
  }

  /**
   * @throws IllegalArgumentException if the line is not one that {@link #toLine} wrote
   */
  static RunHeader parse(String text) {
    ObjectNode line = JournalJson.parse(text);
    if (!JournalJson.text(line, "type").equals("run")) {
      throw new IllegalArgumentException("the first line does not describe a run");
    }
    requireFormat(JournalJson.integer(line, "format"));
    JournalSeal.check(text);
    ObjectNode plan = JournalJson.object(line, "plan");
    RunHeader header =
        new RunHeader(
            JournalJson.object(line, "config"),
            new SamplingPlan(
                JournalJson.integer(plan, "n0"),
                JournalJson.integer(plan, "n"),
                JournalJson.integer(plan, "votes")),
            JournalJson.integer(line, "classes"),
            JournalJson.object(line, "versions"),
            line.has(SHARD) ? ShardNote.parse(JournalJson.object(line, SHARD)) : null);
    if (!header.hash().equals(JournalJson.text(line, "hash"))) {
      throw new IllegalArgumentException("the configuration does not match its hash");
    }
    header.check();
    return header;
  }

  /** What the constructor of a run makes sure of, and a line in a file need not fulfil. */
  private void check() {
    int seeds = reverseSeeds().size();
    if (seeds > 0 && seeds != plan.votes()) {
      throw new IllegalArgumentException(seeds + " reverse seeds for " + plan.votes() + " votes");
    }
    if (classes < 1 || classes > VoteBoard.MAX_CLASSES) {
      throw new IllegalArgumentException("its number of classes is " + classes);
    }
    guarantee();
    if (shard != null) {
      checkShard();
    }
  }

  private void checkShard() {
    VoteSaving saving = shard.votes();
    boolean fits = shard.reverseSeeds().size() == plan.votes();
    if (saving != null) {
      int wanted = saving.majority() ? 1 : plan.votes();
      fits &= saving.reverseSeeds().size() == wanted;
    }
    if (!fits) {
      throw new IllegalArgumentException("its shard's reverse seeds do not fit its votes");
    }
  }

  private static void requireFormat(int format) {
    if (format > FORMAT) {
      throw new IllegalArgumentException(
          "its format, %d, is newer than %d: take a newer version".formatted(format, FORMAT));
    }
    if (format < FORMAT) {
      throw new IllegalArgumentException(
          "its format, %d, is that of an older version: finish the run with that one, or start anew"
                  .formatted(format)
              + " with --restart");
    }
  }

  /** Path of each value to its text, in order of the paths: what the hash is taken over. */
  private TreeMap<String, String> leaves() {
    TreeMap<String, String> leaves = new TreeMap<>();
    collect("", config, leaves);
    leaves.put("N0", Integer.toString(plan.n0()));
    leaves.put("N", Integer.toString(plan.n()));
    leaves.put("votes", Integer.toString(plan.votes()));
    leaves.put("classes", Integer.toString(classes));
    return leaves;
  }

  private Map<String, String> allLeaves() {
    TreeMap<String, String> all = leaves();
    if (shard != null) {
      all.put(SHARD, shard.shard().toString());
      all.put("shards", Integer.toString(shard.shard().count()));
      all.put("images", shard.images().toString());
    }
    return all;
  }

  private static void collect(String path, JsonNode node, Map<String, String> leaves) {
    String prefix = path.isEmpty() ? "" : path + ".";
    if (node.isObject() && !node.isEmpty()) {
      node.properties().forEach(e -> collect(prefix + e.getKey(), e.getValue(), leaves));
    } else if (node.isArray() && node.size() > 0 && node.get(0).isContainerNode()) {
      for (int i = 0; i < node.size(); i++) {
        collect(prefix + i, node.get(i), leaves);
      }
    } else {
      leaves.put(path, node.toString());
    }
  }
}
