package io.densepure.download;

import java.net.URI;
import java.util.List;

/**
 * A published file and what is known of it.
 *
 * @param name what it is called here; one path element
 * @param urls where it is published, best first
 * @param bytes its length; -1 if that was not published
 * @param digests what was published of its digests; may be empty
 * @param unpacksTo the folder at the root of the archive that it is; null if it is none
 */
public record RemoteFile(
    String name, List<URI> urls, long bytes, List<Digest> digests, String unpacksTo) {

  /** Whether a digest was published, so that a file can be told from a wrong one. */
  public boolean pinned() {
    return !digests.isEmpty();
  }

  /** What is there once it has been fetched: itself, or what it unpacks to. */
  public String result() {
    return unpacksTo == null ? name : unpacksTo;
  }

  /** The same file at a mirror, which has it as {@code base/name}. */
  RemoteFile at(URI base) {
    String folder = base.toString().endsWith("/") ? base.toString() : base + "/";
    return new RemoteFile(name, List.of(URI.create(folder + name)), bytes, digests, unpacksTo);
  }
}
