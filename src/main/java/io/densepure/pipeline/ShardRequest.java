package io.densepure.pipeline;

import io.densepure.certify.Shard;

/**
 * That a run is to do one shard only.
 *
 * @param command what was typed, for the message that says how to go on
 */
public record ShardRequest(Shard shard, String command) {}
