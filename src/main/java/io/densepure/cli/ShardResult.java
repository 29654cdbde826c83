package io.densepure.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.certify.Shard;
import io.densepure.pipeline.CertifyRequest;
import java.io.PrintStream;

/**
 * What a finished shard has to say.
 *
 * @param results images that it has the whole of
 */
record ShardResult(String title, CertifyRequest request, int results) {
  void print(PrintStream out) {
    Shard shard = request.sharding().shard();
    int images = request.workload().images().size();
    out.println();
    out.printf(
        "%s: shard %s is done; %d of its %d images are whole", title, shard, results, images);
    out.println(results == 0 ? "" : ", written to " + request.outfile());
    out.println("When all shards are done: densepure merge --shards " + pattern(shard));
  }

  private String pattern(Shard shard) {
    String journal = request.journal().toString();
    int at = journal.lastIndexOf(shard.suffix());
    return journal.substring(0, at) + ".shard-*-of-" + shard.count() + ".run.jsonl";
  }

  ObjectNode toJson() {
    Shard shard = request.sharding().shard();
    return JsonNodeFactory.instance
        .objectNode()
        .put("method", title)
        .put("shard", shard.index())
        .put("shards", shard.count())
        .put("images", results)
        .put("lanes", request.lanes())
        .put("table", request.outfile().toString())
        .put("journal", request.journal().toString());
  }
}
