package io.densepure.convert.pickle;

import static java.util.Collections.unmodifiableList;

import io.densepure.InputException;
import io.densepure.weights.MappedFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Reads Python pickles of protocols 0 to 5 as data. No code runs, whatever the pickle asks for:
 * names are looked up in a list ({@link Globals}), and a pickle that uses any other is refused. The
 * stack is a list on the heap, so nesting of any depth is fine; what the pickle refers to twice is
 * the same Java object, so references are never expanded.
 *
 * <p>Results are plain Java: {@code null}, {@code Boolean}, {@code Long} or {@code BigInteger},
 * {@code Double}, {@code String} (Python 2 strings as Latin-1), {@code byte[]}, {@code List}
 * (lists, tuples, sets), {@code Map<String, Object>} in order (keys as in {@link DictKeys}), {@link
 * PickledArray}, {@link PickledObject}, and what the factories make. They may contain themselves:
 * do not call {@code hashCode} or {@code toString} on lists and maps.
 */
public final class Unpickler {
  /** A larger pickle holds something else than a network or a data set's batch. */
  public static final int MAX_BYTES = 1 << 28;

  private static final int HIGHEST_PROTOCOL = 5;

  /** How objects are created by protocols that have no opcode for it; the class comes first. */
  private static final Set<String> COPYREG = Set.of("copyreg._reconstructor", "copyreg.__newobj__");

  private final PickleInput in;
  private final Globals globals;
  private final Function<Object, Object> persistentIds;
  private final Budget budget;
  private final PickleStack stack = new PickleStack();
  private final Map<Integer, Object> memo = new HashMap<>();

  /** Names off the list that still need an object the globals recognise to be let pass. */
  private final Set<String> unexplained = new LinkedHashSet<>();

  /**
   * @param persistentIds what stands behind the references to data outside the pickle; throws
   *     IllegalArgumentException for those that it does not know
   */
  public Unpickler(PickleInput in, Globals globals, Function<Object, Object> persistentIds) {
    this.in = in;
    this.globals = globals;
    this.persistentIds = persistentIds;
    this.budget = new Budget(in.length());
  }

  /**
   * The one pickle in a file of Python and NumPy data, such as a batch of CIFAR-10.
   *
   * @throws InputException naming the file if it is absent, damaged, or holds anything else
   */
  public static Object read(Path path) {
    MappedFile file = MappedFile.open(path);
    PickleInput in =
        new PickleInput(path.toString(), file.slice(0, Math.min(file.size(), MAX_BYTES)));
    return new Unpickler(
            in,
            Globals.pythonAndNumpy(),
            id -> {
              throw new IllegalArgumentException("refers to data outside the file");
            })
        .load();
  }

  /**
   * The object whose pickle starts at the input's position, which is then behind it.
   *
   * @throws InputException naming the file, if the pickle is damaged or not safe
   */
  public Object load() {
    try {
      for (int op = in.u1(); op != Opcode.STOP; op = in.u1()) {
        budget.operations(1);
        execute(op);
      }
      Object result = stack.pop();
      if (!unexplained.isEmpty()) {
        throw notListed("use", unexplained.iterator().next());
      }
      return result;
    } catch (IllegalArgumentException e) {
      throw in.error("%s", e.getMessage());
    }
  }

  private void execute(int op) {
    switch (op) {
      case Opcode.PROTO -> checkProtocol(in.u1());
      case Opcode.FRAME -> in.checkFrame(in.i8());
      case Opcode.MARK -> stack.mark();
      case Opcode.POP -> stack.popValueOrMark();
      case Opcode.POP_MARK -> stack.popMark();
      case Opcode.DUP -> stack.push(stack.peek());
      case Opcode.PUT -> memo.put(in.memoIndex(), stack.peek());
      case Opcode.BINPUT -> memo.put(in.u1(), stack.peek());
      case Opcode.LONG_BINPUT -> memo.put(in.i4(), stack.peek());
      case Opcode.MEMOIZE -> memo.put(memo.size(), stack.peek());
      case Opcode.APPEND -> append(Collections.singletonList(stack.pop()));
      case Opcode.APPENDS, Opcode.ADDITEMS -> append(stack.popMark());
      case Opcode.SETITEM -> setItems(takeTop(2));
      case Opcode.SETITEMS -> setItems(stack.popMark());
      case Opcode.BUILD -> build(stack.pop());
      default -> stack.push(literal(op));
    }
  }

  /** What the opcodes push that carry their value with them. */
  private Object literal(int op) {
    return switch (op) {
      case Opcode.NONE -> null;
      case Opcode.NEWTRUE -> true;
      case Opcode.NEWFALSE -> false;
      case Opcode.BININT -> (long) in.i4();
      case Opcode.BININT1 -> (long) in.u1();
      case Opcode.BININT2 -> (long) in.u2();
      case Opcode.LONG1 -> in.integer(in.u1());
      case Opcode.LONG4 -> in.integer(in.i4());
      case Opcode.INT -> in.decimalOrBoolean();
      case Opcode.LONG -> in.decimal();
      case Opcode.FLOAT -> in.decimalDouble();
      case Opcode.BINFLOAT -> in.bigEndianDouble();
      case Opcode.STRING -> in.quotedLine();
      case Opcode.BINSTRING -> in.latin1(in.i4());
      case Opcode.SHORT_BINSTRING -> in.latin1(in.u1());
      case Opcode.UNICODE -> in.escapedLine();
      case Opcode.SHORT_BINUNICODE -> in.utf8(in.u1());
      case Opcode.BINUNICODE -> in.utf8(in.u4());
      case Opcode.BINUNICODE8 -> in.utf8(in.i8());
      case Opcode.SHORT_BINBYTES -> in.bytes(in.u1());
      case Opcode.BINBYTES -> in.bytes(in.u4());
      case Opcode.BINBYTES8, Opcode.BYTEARRAY8 -> in.bytes(in.i8());
      case Opcode.GET -> memoized(in.memoIndex());
      case Opcode.BINGET -> memoized(in.u1());
      case Opcode.LONG_BINGET -> memoized(in.i4());
      case Opcode.GLOBAL -> named(in.line(), in.line());
      default -> made(op);
    };
  }

  /** What the opcodes push that are made of values on the stack. */
  private Object made(int op) {
    return switch (op) {
      case Opcode.EMPTY_LIST, Opcode.EMPTY_SET -> new ArrayList<>();
      case Opcode.LIST -> stack.popMark();
      case Opcode.EMPTY_TUPLE -> List.of();
      case Opcode.TUPLE, Opcode.FROZENSET -> unmodifiableList(stack.popMark());
      case Opcode.TUPLE1 -> unmodifiableList(takeTop(1));
      case Opcode.TUPLE2 -> unmodifiableList(takeTop(2));
      case Opcode.TUPLE3 -> unmodifiableList(takeTop(3));
      case Opcode.EMPTY_DICT -> new LinkedHashMap<String, Object>();
      case Opcode.DICT -> putAll(new LinkedHashMap<>(), stack.popMark());
      case Opcode.STACK_GLOBAL -> stackGlobal(takeTop(2));
      case Opcode.REDUCE -> reduce(takeTop(2));
      case Opcode.NEWOBJ -> newObject(takeTop(2));
      case Opcode.NEWOBJ_EX -> newObjectWithKeywords(takeTop(3));
      case Opcode.BINPERSID -> persistentIds.apply(stack.pop());
      default ->
          throw new IllegalArgumentException(
              String.format("opcode 0x%02x is unknown or not safe; refused", op));
    };
  }

  private static void checkProtocol(int protocol) {
    if (protocol > HIGHEST_PROTOCOL) {
      throw new IllegalArgumentException(
          "is of protocol " + protocol + "; up to " + HIGHEST_PROTOCOL + " are supported");
    }
  }

  private Object memoized(int index) {
    if (!memo.containsKey(index)) {
      throw new IllegalArgumentException("refers to value " + index + ", which is not there");
    }
    return memo.get(index);
  }

  /** The uppermost values, in the order they were pushed. */
  private List<Object> takeTop(int count) {
    Object[] top = new Object[count];
    for (int i = count - 1; i >= 0; i--) {
      top[i] = stack.pop();
    }
    return Arrays.asList(top);
  }

  private void append(List<Object> items) {
    if (!(stack.peek() instanceof ArrayList<?>)) { // tuples are other lists
      throw new IllegalArgumentException("appends to something that is no list");
    }
    @SuppressWarnings("unchecked") // lists made here hold anything
    List<Object> list = (List<Object>) stack.peek();
    list.addAll(items);
  }

  private void setItems(List<Object> keysAndValues) {
    if (!(stack.peek() instanceof LinkedHashMap<?, ?>)) {
      throw new IllegalArgumentException("sets items of something that is no dictionary");
    }
    @SuppressWarnings("unchecked") // maps made here have string keys
    Map<String, Object> map = (Map<String, Object>) stack.peek();
    putAll(map, keysAndValues);
  }

  private static Map<String, Object> putAll(Map<String, Object> map, List<Object> keysAndValues) {
    if (keysAndValues.size() % 2 != 0) {
      throw new IllegalArgumentException("sets a dictionary key without a value");
    }
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      map.put(DictKeys.of(keysAndValues.get(i)), keysAndValues.get(i + 1));
    }
    return map;
  }

  private GlobalRef named(String module, String name) {
    GlobalRef ref = GlobalRef.of(module, name);
    if (!globals.isListed(ref)) {
      unexplained.add(ref.qualified());
    }
    return ref;
  }

  private GlobalRef stackGlobal(List<Object> moduleAndName) {
    if (moduleAndName.get(0) instanceof String module
        && moduleAndName.get(1) instanceof String name
        && Math.max(module.length(), name.length()) <= PickleInput.MAX_LINE) {
      return named(module, name);
    }
    throw new IllegalArgumentException("names a class by something that is no name");
  }

  private Object reduce(List<Object> calleeAndArguments) {
    GlobalRef callee = callee(calleeAndArguments.get(0));
    List<Object> arguments = tuple(calleeAndArguments.get(1));
    Globals.Factory factory = globals.factoryOf(callee);
    if (factory != null) {
      return factory.make(new Arguments(callee, arguments, budget));
    }
    if (COPYREG.contains(callee.qualified()) && !arguments.isEmpty()) {
      return instance(callee(arguments.get(0)), List.of());
    }
    if (globals.isInert(callee)) {
      return new PickledObject(callee, arguments);
    }
    throw notListed("call", callee.qualified());
  }

  private Object newObject(List<Object> classAndArguments) {
    return instance(callee(classAndArguments.get(0)), tuple(classAndArguments.get(1)));
  }

  private Object newObjectWithKeywords(List<Object> classArgumentsKeywords) {
    if (!(classArgumentsKeywords.get(2) instanceof Map<?, ?> m && m.isEmpty())) {
      throw new IllegalArgumentException("creates an object from keywords; that is not supported");
    }
    return newObject(classArgumentsKeywords.subList(0, 2));
  }

  private Object instance(GlobalRef type, List<Object> arguments) {
    Globals.Factory factory = globals.factoryOf(type);
    if (factory != null) {
      return factory.make(new Arguments(type, arguments, budget));
    }
    if (globals.isInert(type) || arguments.isEmpty()) { // if not listed, build() looks at its state
      return new PickledObject(type, arguments);
    }
    throw notListed("create a", type.qualified());
  }

  private void build(Object state) {
    Object target = stack.peek();
    if (target instanceof Buildable buildable) {
      buildable.build(state);
      if (target instanceof PickledObject object && globals.recognises(object)) {
        unexplained.remove(object.className());
      }
    } else if (!(target instanceof Map<?, ?>)) { // attributes of an OrderedDict are not kept
      throw new IllegalArgumentException("gives attributes to something that has none");
    }
  }

  private static GlobalRef callee(Object value) {
    if (value instanceof GlobalRef ref) {
      return ref;
    }
    throw new IllegalArgumentException("calls something that is no function or class");
  }

  @SuppressWarnings("unchecked") // lists made here hold anything
  private static List<Object> tuple(Object value) {
    if (value instanceof List<?> list) {
      return (List<Object>) list;
    }
    throw new IllegalArgumentException("calls with something that is no tuple of arguments");
  }

  private static IllegalArgumentException notListed(String verb, String name) {
    return new IllegalArgumentException(
        String.format(
            "wants to %s %s, which is not on the list of what data may consist of; refused, nothing"
                + " was run",
            verb, InputException.quote(name)));
  }
}
