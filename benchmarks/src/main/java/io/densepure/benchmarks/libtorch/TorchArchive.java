package io.densepure.benchmarks.libtorch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes TorchScript archives: an uncompressed zip of source code, a pickle of the module's
 * attributes and the raw bytes of its tensors. The module is {@code __torch__.Net} with one
 * attribute, {@code w : List[Tensor]}.
 */
final class TorchArchive {
  private static final String VERSION = "3\n"; // of the format; every libtorch since 1.0 reads it

  private TorchArchive() {}

  static void write(Path file, String code, List<TorchTensor> weights) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (int i = 0; i < weights.size(); i++) {
        store(zip, "data/" + i, weights.get(i).bytes());
      }
      store(zip, "data.pkl", ByteBuffer.wrap(module(weights)));
      store(zip, "code/__torch__.py", StandardCharsets.UTF_8.encode(code));
      store(zip, "constants.pkl", ByteBuffer.wrap(new Pickle().emptyTuple().finish()));
      store(zip, "version", StandardCharsets.UTF_8.encode(VERSION));
    }
  }

  private static void store(ZipOutputStream zip, String name, ByteBuffer data) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(data.duplicate());
    ZipEntry entry = new ZipEntry("net/" + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(data.remaining());
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    WritableByteChannel channel = Channels.newChannel(zip);
    ByteBuffer rest = data.duplicate();
    while (rest.hasRemaining()) {
      channel.write(rest);
    }
    zip.closeEntry();
  }

  /** {@code Net} with the state {@code {"w": [tensors]}}. */
  private static byte[] module(List<TorchTensor> weights) {
    Pickle p = new Pickle().global("__torch__", "Net").emptyTuple().newObject();
    p.emptyDict().mark().string("w");
    p.global("torch.jit._pickle", "build_tensorlist").mark().emptyList().mark();
    for (int i = 0; i < weights.size(); i++) {
      tensor(p, i, weights.get(i));
    }
    return p.appends().tuple().reduce().setItems().build().finish();
  }

  private static void tensor(Pickle p, int index, TorchTensor t) {
    int[] sizes = t.shape().toArray();
    int[] strides = new int[sizes.length];
    int stride = 1;
    for (int i = sizes.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= sizes[i];
    }
    p.global("torch._utils", "_rebuild_tensor_v2").mark();
    p.mark().string("storage").global("torch", t.storageClass());
    p.string(Integer.toString(index)).string("cpu").integer(stride).tuple().persistentId();
    p.integer(0).integers(sizes).integers(strides).falseValue(); // offset …, requires_grad
    p.global("collections", "OrderedDict").emptyTuple().reduce(); // no backward hooks
    p.tuple().reduce();
  }

  /** The few instructions of pickle protocol 2 that a module needs. */
  private static final class Pickle {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Pickle() {
      op(0x80);
      op(2);
    }

    private Pickle op(int code) {
      out.write(code);
      return this;
    }

    private Pickle bytes(byte[] b) {
      out.writeBytes(b);
      return this;
    }

    private static byte[] little(int v) {
      return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(v).array();
    }

    Pickle global(String module, String name) {
      return op('c').bytes((module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    Pickle string(String s) {
      byte[] utf8 = s.getBytes(StandardCharsets.UTF_8);
      return op('X').bytes(little(utf8.length)).bytes(utf8);
    }

    Pickle integer(int v) {
      return op('J').bytes(little(v));
    }

    Pickle integers(int[] vs) {
      mark();
      for (int v : vs) {
        integer(v);
      }
      return tuple();
    }

    Pickle mark() {
      return op('(');
    }

    Pickle tuple() {
      return op('t');
    }

    Pickle emptyTuple() {
      return op(')');
    }

    Pickle emptyList() {
      return op(']');
    }

    Pickle emptyDict() {
      return op('}');
    }

    Pickle appends() {
      return op('e');
    }

    Pickle setItems() {
      return op('u');
    }

    Pickle newObject() {
      return op(0x81);
    }

    Pickle reduce() {
      return op('R');
    }

    Pickle build() {
      return op('b');
    }

    Pickle persistentId() {
      return op('Q');
    }

    Pickle falseValue() {
      return op(0x89);
    }

    byte[] finish() {
      return op('.').out.toByteArray();
    }
  }
}
