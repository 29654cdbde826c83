package io.densepure.certify;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What a shard's journal says about it beyond the run's configuration.
 *
 * @param images of the whole run, in order
 * @param reverseSeeds the seed of each vote
 * @param votes how votes are saved, or null for not at all
 * @param command what was typed, for people
 */
public record ShardNote(
    Shard shard, List<Integer> images, List<Long> reverseSeeds, VoteSaving votes, String command) {
  public ShardNote {
    images = List.copyOf(images);
    reverseSeeds = List.copyOf(reverseSeeds);
  }

  void writeTo(ObjectNode node) {
    node.put("index", shard.index()).put("count", shard.count());
    images.forEach(node.putArray("images")::add);
    reverseSeeds.forEach(node.putArray("reverse_seeds")::add);
    node.put("command", command);
    if (votes != null) {
      ObjectNode saving = node.putObject("votes").put("prefix", votes.files().prefix());
      votes.reverseSeeds().forEach(saving.putArray("seeds")::add);
      saving.put("majority", votes.majority());
    }
  }

  /**
   * @throws IllegalArgumentException if the node is not one that {@link #writeTo} wrote
   */
  static ShardNote parse(ObjectNode node) {
    List<Integer> images = new ArrayList<>();
    node.withArray("images").forEach(image -> images.add(image.asInt()));
    return new ShardNote(
        new Shard(JournalJson.integer(node, "index"), JournalJson.integer(node, "count")),
        images,
        longs(node, "reverse_seeds"),
        node.has("votes") ? saving(JournalJson.object(node, "votes")) : null,
        JournalJson.text(node, "command"));
  }

  private static VoteSaving saving(ObjectNode node) {
    return new VoteSaving(
        new VoteFiles(JournalJson.text(node, "prefix")),
        longs(node, "seeds"),
        node.path("majority").asBoolean());
  }

  private static List<Long> longs(ObjectNode node, String field) {
    List<Long> numbers = new ArrayList<>();
    node.withArray(field).forEach(number -> numbers.add(number.asLong()));
    return numbers;
  }
}
