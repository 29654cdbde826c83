package io.densepure.convert;

import io.densepure.InputException;
import io.densepure.weights.MappedFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Opens PyTorch's checkpoint files, of either format. */
public final class CheckpointReader {
  private static final int ZIP_MAGIC = 0x04034b50;
  private static final int PICKLE_PROTO = 0x80;

  /** Where a tar archive says that it is one. */
  private static final int TAR_MAGIC_OFFSET = 257;

  private static final byte[] TAR_MAGIC = "ustar".getBytes(StandardCharsets.US_ASCII);

  private CheckpointReader() {}

  /**
   * Reads what the checkpoint consists of; the tensors' elements stay in the file until they are
   * asked for. No code in the checkpoint is run.
   *
   * @throws InputException naming the file, in one line, if it is absent, damaged, not a
   *     checkpoint, or holds what a checkpoint need not hold
   */
  public static Checkpoint open(Path path) {
    MappedFile file = MappedFile.open(path);
    if (file.size() == 0) {
      throw InputException.of("%s: is empty", path);
    }
    if (startsWithZip(file)) {
      return ZipCheckpoint.open(file);
    }
    if ((file.slice(0, 1).get() & 0xff) == PICKLE_PROTO) {
      return LegacyCheckpoint.open(file);
    }
    if (isTar(file)) {
      throw InputException.of(
          "%s: in the tar format of PyTorch before 2017; write it again with torch.save", path);
    }
    throw InputException.of("%s: neither a PyTorch checkpoint nor a safetensors file", path);
  }

  private static boolean startsWithZip(MappedFile file) {
    return file.size() >= Integer.BYTES && file.slice(0, Integer.BYTES).getInt() == ZIP_MAGIC;
  }

  private static boolean isTar(MappedFile file) {
    return file.size() >= TAR_MAGIC_OFFSET + TAR_MAGIC.length
        && file.slice(TAR_MAGIC_OFFSET, TAR_MAGIC.length).equals(ByteBuffer.wrap(TAR_MAGIC));
  }
}
