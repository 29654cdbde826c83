package io.densepure.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.Shape;
import io.densepure.convert.pickle.PickleBytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints written opcode by opcode: what the golden files do not have. */
class CheckpointTest {
  private static final byte[] STORAGE = {1, 2, 3, 4, 5, 6, 7, 8};

  @TempDir Path dir;

  /** Which part is taken for the state dict; 't' is a tensor, the rest what {@link #value} says. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{w=t}; ''",
        "{state_dict={w=t}}; state_dict",
        "{model={w=t},state_dict={w=t}}; state_dict",
        "{optimizer={m=t},model={w=t}}; model",
        "{model={}, net={w=t}}; net",
        "{model=3,weights={w=t}}; weights",
        "{rng=t,state_dict={w=t}}; state_dict",
        "{checkpoint={epoch=3,state_dict={w=t}}}; checkpoint.state_dict",
        "{state_dict={a=t},state_dict_ema={a=t}}; state_dict",
        "{ema={a=t},other={a=t}}; ema",
      })
  void findsTheStateDict(String tree, String path) throws IOException {
    assertEquals(path, open(value(tree.replace(" ", ""))).stateDictPath());
  }

  @Test
  void asksWhenSeveralPartsHoldTensors() throws IOException {
    Checkpoint two = open(value("{first={w=t},second={v=t},name=3}"));
    InputException e = assertThrows(InputException.class, two::stateDict);
    assertTrue(e.getMessage().endsWith("'first', 'second'; choose one with --key"), e.getMessage());
    assertEquals(List.of("v"), List.copyOf(two.at("second").keys()));
    assertEquals(List.of("first.w", "second.v"), List.copyOf(two.all().keys()));
  }

  @Test
  void keyPathsMayContainDots() throws IOException {
    Checkpoint c = open(value("{a.b={c={w=t}},a={x=3}}"));
    assertEquals(List.of("w"), List.copyOf(c.at("a.b.c").keys()));
    InputException e = assertThrows(InputException.class, () -> c.at("a.b.d"));
    assertTrue(e.getMessage().endsWith("below 'a.b.d'; it has 'a.b', 'a'"), e.getMessage());
    assertThrows(InputException.class, () -> c.at("a"));
    assertThrows(InputException.class, () -> c.at(""));
  }

  @Test
  void twoTensorsOfOneKeyAreRefused() throws IOException {
    Checkpoint c = open(value("{a.w=t,a={w=t}}"));
    InputException e = assertThrows(InputException.class, c::all);
    assertTrue(e.getMessage().contains("the key 'a.w'"), e.getMessage());
  }

  @Test
  void showsWhatIsBesideTheTensors() throws IOException {
    Checkpoint c = open(value("{epoch=3,state_dict={w=t}}"));
    assertEquals(Map.of("epoch", "3"), c.scalars());
  }

  @Test
  void readsOldParametersAndVariables() throws IOException {
    PickleBytes p = new PickleBytes().proto(2).global("torch.nn.parameter", "Parameter").raw('(');
    TorchFiles.tensor(p, "ByteStorage", "0", 8).raw('t', 'R');
    p.raw('(', 0x88, 0x89, 'N', 't', 'b'); // requires_grad, volatile, hooks
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, only(p));
  }

  @Test
  void readsTensorsOverUntypedStorages() throws IOException {
    PickleBytes p =
        new PickleBytes().proto(2).global("torch._utils", "_rebuild_tensor_v3").raw('(').raw('(');
    p.string("storage").global("torch.storage", "UntypedStorage").string("0").string("cpu");
    p.integer(8).raw('t', 'Q').integer(1);
    TorchFiles.tuple(p, 3);
    TorchFiles.tuple(p, 1);
    p.raw(0x89, 'N').global("torch", "int16").raw('t', 'R');
    assertArrayEquals(new float[] {0x0403, 0x0605, 0x0807}, only(p));
  }

  @Test
  void readsTensorsWithPythonAttributes() throws IOException {
    PickleBytes p = new PickleBytes().proto(2).global("torch._tensor", "_rebuild_from_type_v2");
    p.raw('(').global("torch._utils", "_rebuild_tensor_v2").global("torch", "Tensor").raw('(');
    TorchFiles.storage(p, "ByteStorage", "0", 8).integer(6);
    TorchFiles.tuple(p, 2);
    TorchFiles.tuple(p, 1);
    p.raw(0x89, 'N', 't', '}', 't', 'R');
    assertArrayEquals(new float[] {7, 8}, only(p));
  }

  /** Before 0.4, a persistent id could name a part of a storage. */
  @Test
  void readsViewsOfStorages() throws IOException {
    PickleBytes p = new PickleBytes().proto(2).global("torch._utils", "_rebuild_tensor").raw('(');
    p.raw('(').string("storage").global("torch.cuda", "ByteStorage").string("0").string("cuda:1");
    p.integer(8).raw('(').string("view").integer(3).integer(4).raw('t', 't', 'Q').integer(1);
    TorchFiles.tuple(p, 3);
    TorchFiles.tuple(p, 1);
    p.raw('t', 'R');
    assertArrayEquals(new float[] {5, 6, 7}, only(p));
  }

  /** Offset 1 of a part of 4 elements: the part ends where a tensor of 4 would not. */
  @Test
  void aTensorMayNotReachBeyondTheViewOfItsStorage() {
    PickleBytes p = new PickleBytes().proto(2).global("torch._utils", "_rebuild_tensor").raw('(');
    p.raw('(').string("storage").global("torch", "ByteStorage").string("0").string("cpu");
    p.integer(8).raw('(').string("view").integer(3).integer(4).raw('t', 't', 'Q').integer(1);
    TorchFiles.tuple(p, 4);
    TorchFiles.tuple(p, 1);
    assertRefused(p.raw('t', 'R'), "outside its storage of 4 elements");
  }

  @Test
  void emptyTensorsMayStartAnywhere() throws IOException {
    PickleBytes p = new PickleBytes().proto(2);
    TorchFiles.tensor(p, "FloatStorage", "0", 2, 7, new int[] {0, 3}, new int[] {3, 1});
    assertEquals(Shape.of(0, 3), open(p).all().get("tensor").shape());
  }

  @Test
  void theSameKeyIsTheSameObject() throws IOException {
    CheckpointWeights w = open(value("{w=t}")).stateDict();
    assertSame(w.get("w"), w.get("w"));
    assertEquals(DType.U8, w.get("w").dtype());
    assertTrue(w.get("w").data().isDirect(), "mapped, not on the heap");
    assertThrows(InputException.class, () -> w.get("v"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ComplexFloatStorage", "QInt8Storage", "Tensor"})
  void otherStoragesAreRefused(String type) {
    PickleBytes p = new PickleBytes().proto(2);
    assertRefused(TorchFiles.tensor(p, type, "0", 1), "storage of type 'torch." + type + "'");
  }

  @Test
  void oneStorageHasOneSize() {
    PickleBytes p = new PickleBytes().proto(2).raw('(');
    TorchFiles.tensor(p, "ByteStorage", "0", 8);
    TorchFiles.tensor(p, "ByteStorage", "0", 7).raw('l');
    assertRefused(p, "two different sizes");
  }

  /** Sixteen megabytes beyond the file are allowed, more only in proportion to the file. */
  @Test
  void expandedTensorsAreBounded() throws IOException {
    PickleBytes fits = new PickleBytes().proto(2);
    TorchFiles.tensor(fits, "ByteStorage", "0", 8, 0, new int[] {1 << 24}, new int[] {0});
    assertEquals(1 << 24, open(fits).all().get("tensor").data().remaining());
    PickleBytes bomb = new PickleBytes().proto(2);
    TorchFiles.tensor(bomb, "ByteStorage", "0", 8, 0, new int[] {1 << 25}, new int[] {0});
    assertRefused(bomb, "far more than");
  }

  /** Ten references to one dictionary of ten references and so on, forty levels deep. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void dictionariesAreNotExpandedWithoutBound(boolean withTensor) throws IOException {
    PickleBytes p = new PickleBytes().proto(2).raw('}', 'q', 0).string("w");
    p = withTensor ? TorchFiles.tensor(p, "ByteStorage", "0", 8) : p.raw('N');
    p.raw('s');
    for (int level = 1; level < 40; level++) {
      p.raw('}', 'q', level, '(');
      for (int i = 0; i < 10; i++) {
        p.string("k" + i).raw('h', level - 1);
      }
      p.raw('u');
    }
    Checkpoint c = open(p);
    for (Executable walk : List.<Executable>of(c::all, () -> c.at("k3"), c::stateDict)) {
      String message = assertThrows(InputException.class, walk).getMessage();
      assertTrue(
          message.contains("more than 200000 values") || message.contains("choose one"), message);
    }
  }

  @Test
  void circularDictionariesAreRefused() {
    PickleBytes p = new PickleBytes().proto(2).raw('}', 'q', 0).string("w");
    TorchFiles.tensor(p, "ByteStorage", "0", 8).raw('s').string("self").raw('h', 0, 's');
    assertRefused(p, "nested more deeply");
  }

  @Test
  void deeplyNestedDictionariesDoNotOverflowTheStack() {
    PickleBytes p = new PickleBytes().proto(2);
    for (int i = 0; i < 50_000; i++) {
      p.raw('}', 'U', 1, 'a');
    }
    p.raw('N').repeat(50_000, 's');
    assertRefused(p, "no tensors in this checkpoint");
  }

  @Test
  void whatIsNoCheckpointIsNamed() throws IOException {
    assertRefused(Files.write(dir.resolve("a.pt"), new byte[] {'P', 'K'}), "neither a PyTorch");
    byte[] tar = new byte[512];
    System.arraycopy("ustar".getBytes(), 0, tar, 257, 5);
    assertRefused(Files.write(dir.resolve("b.pt"), tar), "tar format");
    assertRefused(dir.resolve("none.pt"), "no such file");
    assertRefused(dir, "is a folder");
  }

  @ParameterizedTest
  @CsvSource({"constants.pkl, x, TorchScript", "byteorder, big, big-endian"})
  void archivesOfOtherKindsAreNamed(String entry, String contents, String reason)
      throws IOException {
    Path file = dir.resolve("other.pt");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      TorchFiles.put(out, "t/data.pkl", new byte[] {'N', '.'});
      TorchFiles.put(out, "t/version", new byte[] {'3', '\n'});
      TorchFiles.put(out, "t/" + entry, contents.getBytes());
    }
    assertRefused(file, reason);
  }

  private Checkpoint open(PickleBytes root) throws IOException {
    return CheckpointReader.open(TorchFiles.zip(dir.resolve("c.pt"), root.stop(), STORAGE));
  }

  /** The values of the one tensor that is the whole checkpoint. */
  private float[] only(PickleBytes tensor) throws IOException {
    return open(tensor).stateDict().get("tensor").toFloats();
  }

  private void assertRefused(PickleBytes root, String reason) {
    try {
      assertRefused(TorchFiles.zip(dir.resolve("c.pt"), root.stop(), STORAGE), reason);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void assertRefused(Path file, String reason) {
    InputException e =
        assertThrows(InputException.class, () -> CheckpointReader.open(file).stateDict());
    assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
  }

  /** {@code {a=t,b={c=3}}}: nested dictionaries; t is a tensor of eight bytes, 3 a number. */
  private static PickleBytes value(String tree) {
    PickleBytes p = new PickleBytes().proto(2);
    int at = 0;
    while (at < tree.length()) {
      char c = tree.charAt(at++);
      if (c == '{') {
        p.raw('}', '(');
      } else if (c == '}') {
        p.raw('u');
      } else if (c != ',') {
        int end = tree.indexOf('=', at);
        p.string(tree.substring(at - 1, end));
        at = end + 1;
        if (tree.charAt(at) == 't') {
          TorchFiles.tensor(p, "ByteStorage", "0", 8);
          at++;
        } else if (tree.charAt(at) == '3') {
          p.integer(3);
          at++;
        }
      }
    }
    return p;
  }
}
