package io.densepure.convert.pickle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.data.Npz;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnpicklerTest {
  private static final Path CIFAR = Path.of("src/test/reference/preproc");

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void readsWhatPythonWritesInEveryProtocol(int protocol) {
    Map<?, ?> o = (Map<?, ?>) load(python(protocol));

    assertEquals(
        List.of(
            0L,
            -1L,
            255L,
            65536L,
            -(1L << 31),
            1L << 40,
            BigInteger.ONE.shiftLeft(70),
            Long.MIN_VALUE),
        o.get("ints"));
    assertEquals(List.of(1.5, Double.NEGATIVE_INFINITY, 1e-300), o.get("floats"));
    assertTrue(o.containsKey("none"));
    assertNull(o.get("none"));
    assertEquals(List.of(true, false), o.get("bools"));
    assertEquals("ü€\uD83D\uDE00\n\\", o.get("text"));
    assertArrayEquals(new byte[] {0, (byte) 255, '\n'}, (byte[]) o.get("bytes"));
    assertEquals(
        List.of(
            List.of(), List.of(1L), List.of(1L, 2L), List.of(1L, 2L, 3L), List.of(1L, 2L, 3L, 4L)),
        o.get("tuples"));
    assertEquals(List.of(7L), o.get("set"));
    assertEquals("three", o.get("3"), "keys become strings");
    List<?> same = (List<?>) o.get("same");
    assertSame(same.get(0), same.get(1));
    assertEquals(List.of("b", "a"), List.copyOf(((Map<?, ?>) o.get("od")).keySet()));
    assertEquals(List.of("c", "a", "b"), List.copyOf(((Map<?, ?>) o.get("dict")).keySet()));
  }

  /**
   * Cut anywhere, a pickle ends in the one kind of error; so does one with a byte changed, or it
   * loads.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 2, 4})
  void damageNeverEndsInAnotherException(int protocol) {
    byte[] whole = python(protocol);
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThrows(InputException.class, () -> load(cut), length + " bytes");
    }
    int refused = 0;
    for (int i = 0; i < whole.length; i++) {
      for (int flip : new int[] {1, 0x80}) {
        byte[] changed = whole.clone();
        changed[i] ^= (byte) flip;
        refused += outcome(changed);
      }
    }
    assertTrue(refused > whole.length / 2, refused + " refused");
  }

  private static int outcome(byte[] pickle) {
    try {
      load(pickle);
      return 0;
    } catch (InputException e) {
      assertFalse(e.getMessage().contains("\n"), e.getMessage());
      return 1;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"test_batch", "test_batch_py3_proto4", "test_batch_py3_fortran_bytes"})
  void readsCifarBatches(String file) {
    Map<?, ?> batch = (Map<?, ?>) Unpickler.read(CIFAR.resolve("cifar-10-batches-py/" + file));
    PickledArray data = (PickledArray) batch.get("data");
    try (Npz expected = Npz.open(CIFAR.resolve("cifar10_files.npz"))) {
      assertEquals("|u1", data.dtype());
      assertArrayEquals(new int[] {12, 3072}, data.shape());
      ByteBuffer hwc = expected.get("images_hwc_u8").data();
      byte[] planes = data.bytes();
      for (int i = 0; i < 12 * 1024; i++) {
        for (int c = 0; c < 3; c++) {
          int from = i / 1024 * 3072 + c * 1024 + i % 1024;
          assertEquals(hwc.get(3 * i + c), planes[from], "pixel " + i + " channel " + c);
        }
      }
      long[] labels = expected.get("labels").toLongs();
      assertArrayEquals(
          labels, ((List<?>) batch.get("labels")).stream().mapToLong(l -> (Long) l).toArray());
    }
  }

  @Test
  void readsBigEndianAndScalarArrays() {
    PickleBytes dtype =
        new PickleBytes()
            .proto(2)
            .global("numpy.core.multiarray", "scalar")
            .raw('(')
            .global("numpy", "dtype")
            .raw('(')
            .string("f8")
            .raw(0x89, 0x88, 't', 'R', '(', 'K', 3)
            .string(">")
            .raw('N', 'N', 'N', 'K', 0, 'K', 0, 'K', 0, 't', 'b');
    byte[] pickle = dtype.raw('C', 8, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 't', 'R').stop();
    assertEquals(1.5, load(pickle));
  }

  @Test
  void aNumpyArrayOfProtocolFive() {
    byte[] pickle =
        new PickleBytes()
            .proto(5)
            .global("numpy._core.numeric", "_frombuffer")
            .raw('(', 0x96)
            .int8(4)
            .raw(1, 2, 3, 4)
            .global("numpy", "dtype")
            .string("u1")
            .raw(0x85, 'R', 'K', 2, 'K', 2, 0x86)
            .string("F")
            .raw('t', 'R')
            .stop();
    PickledArray array = (PickledArray) load(pickle);
    assertArrayEquals(new byte[] {1, 3, 2, 4}, array.bytes());
  }

  /** What must be refused, and a word of the reason. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cos\\nsystem\\n(Vtrue\\ntR. | call 'os.system'",
        "c__builtin__\\neval\\n(V1\\ntR. | call 'builtins.eval'",
        "cos\\nsystem\\n. | use 'os.system'",
        "(dVa\\ncos\\nsystem\\ns. | use 'os.system'",
        "cos\\nsystem\\n)\\x81. | use 'os.system'",
        "cos\\nsystem\\n)\\x81}b. | use 'os.system'",
        "csubprocess\\nPopen\\n(Vtrue\\nt\\x81. | create a 'subprocess.Popen'",
        "\\x8c\\x02os\\x8c\\x06system\\x93)R. | call 'os.system'",
        "(Vtrue\\nios\\nsystem\\n. | opcode 0x69",
        "(cos\\nsystem\\nVtrue\\no. | opcode 0x6f",
        "\\x82\\x01. | opcode 0x82",
        "P1\\n. | opcode 0x50",
        "Vx\\nQ. | no persistent ids here",
        "Vx\\n)R. | calls something that is no function",
        "ccollections\\nOrderedDict\\nVx\\nR. | no tuple of arguments",
        "ccollections\\nOrderedDict\\n(VxtR. | line does not end",
        "ccollections\\nOrderedDict\\n(Vx\\ntR. | of the wrong type",
        "ccollections\\nOrderedDict\\n((Vx\\nltR. | no pair",
        "(K\\x01)tVa\\ns. | empty stack",
        "K\\x01K\\x01a. | appends to something that is no list",
        ")K\\x01a. | appends to something that is no list",
        "K\\x01K\\x01K\\x01s. | sets items of something that is no dictionary",
        "}(K\\x01u. | without a value",
        "}]Ns. | dictionary key that is neither",
        "}(K\\x01tNs. | dictionary key that is neither",
        "K\\x01}b. | gives attributes to something that has none",
        "R. | empty stack",
        ". | empty stack",
        "(. | empty stack",
        "t. | there is none",
        "h\\x01. | refers to value 1",
        "g-1\\n. | out of range",
        "Ix\\n. | 'x' is no integer",
        "Fx\\n. | 'x' is no number",
        "S'a\\n. | not well formed",
        "S'\\\\q'\\n. | not well formed",
        "V\\\\u12\\n. | not well formed",
        "V\\\\Uffffffff\\n. | not well formed",
        "X\\xff\\xff\\xff\\xff. | needs 4294967295 bytes more",
        "T\\xff\\xff\\xff\\xff. | needs 18446744073709551615 bytes more",
        "X\\x01\\x00\\x00\\x00\\xff. | not valid UTF-8",
        "B\\xff\\xff\\xff\\x7f. | needs 2147483647 bytes more",
        "\\x8a\\xff. | needs 255 bytes more",
        "\\x8b\\xff\\xff\\xff\\xff. | integer of -1 bytes",
        "\\x8b\\xff\\xff\\xff\\x7f. | integer of 2147483647 bytes",
        "\\x80\\x06N. | protocol 6",
        "\\x95\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x0fN. | needs 1152921504606846975 bytes more",
        "cbuiltins\\nobject\\n)}(Va\\nK\\x01u\\x92. | from keywords",
        "c_codecs\\nencode\\n(Va\\nVutf8\\ntR. | something else than latin1",
        "cnumpy\\ndtype\\n(VO8\\ntR. | not supported",
        "cnumpy\\ndtype\\n(Vf3\\ntR. | unknown dtype",
        "cnumpy.core.multiarray\\nscalar\\n)R. | argument 0 of numpy.core.multiarray.scalar",
        "cnumpy.core.multiarray\\n_reconstruct\\n)R)b. | in a way that is not known",
      })
  void isRefused(String pickle, String reason) {
    InputException e = assertThrows(InputException.class, () -> load(unescape(pickle)));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
    assertTrue(e.getMessage().startsWith("test.pkl: pickle at byte "), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
  }

  /** An array whose bytes do not fit its shape, for shapes that overflow in all ways. */
  @ParameterizedTest
  @ValueSource(
      strings = {"K\\x03", "J\\xff\\xff\\xff\\xff", "\\x8a\\x08\\0\\0\\0\\0\\0\\0\\0\\x40", "N"})
  void anArrayOfAnotherSizeIsRefused(String extent) {
    String pickle =
        "cnumpy.core.multiarray\\n_reconstruct\\n)R(K\\x01(K\\x02%stcnumpy\\ndtype\\n(Vu1\\ntRI00\\nC\\x04abcdtb.";
    PickledArray good = (PickledArray) load(unescape(String.format(pickle, "K\\x02")));
    assertEquals("abcd", new String(good.bytes(), StandardCharsets.US_ASCII));
    InputException e =
        assertThrows(InputException.class, () -> load(unescape(String.format(pickle, extent))));
    assertTrue(e.getMessage().contains("do not fit its shape"), e.getMessage());
  }

  @Test
  void nestingOfAnyDepthIsFine() {
    int depth = 200_000;
    Object o = load(new PickleBytes().proto(2).repeat(depth, ']').repeat(depth - 1, 'a').stop());
    int levels = 0;
    for (; o instanceof List<?> list; o = list.isEmpty() ? null : list.get(0)) {
      levels++;
    }
    assertEquals(depth, levels);
  }

  @Test
  void referencesAreNotExpandedAndMayBeCircular() {
    PickleBytes laughs = new PickleBytes().proto(2).raw(']', 'q', 0);
    for (int i = 1; i < 200; i++) {
      laughs.raw(']', 'q', i).repeat(10, 'h', i - 1, 'a');
    }
    List<?> top = assertInstanceOf(List.class, load(laughs.stop()));
    assertSame(top.get(0), top.get(9));

    List<?> self = (List<?>) load(new PickleBytes().proto(2).raw(']', 'q', 0, 'h', 0, 'a').stop());
    assertSame(self, self.get(0));
  }

  @Test
  void memoIndicesMayBeAnything() {
    byte[] pickle =
        new PickleBytes()
            .raw(']', 'r')
            .int4(Integer.MAX_VALUE)
            .raw('0', 'j')
            .int4(Integer.MAX_VALUE)
            .stop();
    assertEquals(List.of(), load(pickle));
  }

  /** Ten bytes that copy a megabyte, a hundred thousand times over. */
  @Test
  void copiesAreBounded() {
    PickleBytes p =
        new PickleBytes()
            .global("_codecs", "encode")
            .raw('q', 0, '(')
            .string("x".repeat(1 << 20))
            .string("latin1")
            .raw('t', 'q', 1, '0', '0');
    byte[] pickle = p.repeat(100_000, 'h', 0, 'h', 1, 'R', '0').raw('N').stop();
    InputException e = assertThrows(InputException.class, () -> load(pickle));
    assertTrue(e.getMessage().contains("more copies"), e.getMessage());
  }

  /** Lists of 100,000 elements are copied, then some opcodes executed, up to ten million in all. */
  @Test
  void operationsAreBounded() {
    assertNull(load(copiesOfLists(98, 1)));
    InputException copies = assertThrows(InputException.class, () -> load(copiesOfLists(100, 1)));
    assertTrue(copies.getMessage().contains("more than 10000000 operations"), copies.getMessage());
    InputException opcodes =
        assertThrows(InputException.class, () -> load(copiesOfLists(98, 50_000)));
    assertEquals(copies.getMessage().split(": ")[2], opcodes.getMessage().split(": ")[2]);
  }

  private static byte[] copiesOfLists(int copies, int pops) {
    PickleBytes p = new PickleBytes().global("builtins", "list").raw('q', 0, '(', '(');
    p.repeat(100_000, 'N').raw('l', 't', 'q', 1, '0', '0');
    return p.repeat(copies, 'h', 0, 'h', 1, 'R', '0').repeat(pops, 'N', '0').raw('N').stop();
  }

  /** A class off the list passes as data if its instances look as the caller expects. */
  @Test
  void recognisedObjectsOfUnknownClassesAreData() {
    byte[] pickle = unescape("cnet\\nModel\\n)\\x81}Vlayers\\nK\\x03sb.");
    Globals globals =
        Globals.pythonAndNumpy().recognising(o -> o.attributes().containsKey("layers"));
    PickledObject model = (PickledObject) load(pickle, globals, id -> id);
    assertEquals("net.Model", model.className());
    assertEquals(Map.of("layers", 3L), model.attributes());
    assertThrows(InputException.class, () -> load(pickle));
  }

  @Test
  void persistentIdsAreResolvedByTheCaller() {
    Map<Object, Object> outside = new LinkedHashMap<>(Map.of("k", "value"));
    assertEquals("value", load(unescape("Vk\\nQ."), Globals.pythonAndNumpy(), outside::get));
  }

  private static byte[] python(int protocol) {
    return Base64.getDecoder().decode(PythonPickles.BY_PROTOCOL.get(protocol));
  }

  /** Backslash escapes: n, 0, xHH, and a backslash. */
  private static byte[] unescape(String text) {
    PickleBytes out = new PickleBytes();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\') {
        out.raw(c);
        continue;
      }
      char kind = text.charAt(++i);
      if (kind == 'x') {
        out.raw(Integer.parseInt(text.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        out.raw(kind == 'n' ? '\n' : kind == '0' ? 0 : kind);
      }
    }
    return out.bytes();
  }

  private static Object load(byte[] pickle) {
    return load(
        pickle,
        Globals.pythonAndNumpy(),
        id -> {
          throw new IllegalArgumentException("no persistent ids here");
        });
  }

  private static Object load(
      byte[] pickle, Globals globals, Function<Object, Object> persistentIds) {
    PickleInput in = new PickleInput("test.pkl", ByteBuffer.wrap(pickle));
    return new Unpickler(in, globals, persistentIds).load();
  }
}
