package io.densepure.convert.pickle;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The list of Python names that a pickle may use, and what each stands for here. No name on it runs
 * code: a <i>factory</i> makes plain data from its arguments, an <i>inert</i> name becomes a {@link
 * GlobalRef}, and its instances {@link PickledObject}s.
 *
 * <p>Classes that are not on the list may appear in one place, as the class of an object whose
 * state {@link #recognising} accepts; see {@link Unpickler}.
 */
public final class Globals {
  /** Stands for a Python callable. */
  @FunctionalInterface
  public interface Factory {
    /**
     * @throws IllegalArgumentException saying what is wrong with the arguments
     */
    Object make(Arguments arguments);
  }

  private final Map<String, Factory> factories = new HashMap<>();
  private final Set<String> inert = new HashSet<>();
  private final Set<String> inertPrefixes = new HashSet<>();
  private Predicate<PickledObject> recognised = o -> false;

  /** Python's containers and NumPy's arrays: what data files such as CIFAR-10's consist of. */
  public static Globals pythonAndNumpy() {
    Globals globals = new Globals();
    PythonGlobals.addTo(globals);
    NumpyGlobals.addTo(globals);
    return globals;
  }

  public Globals factory(String name, Factory factory) {
    factories.put(name, factory);
    return this;
  }

  public Globals inert(String... names) {
    inert.addAll(List.of(names));
    return this;
  }

  /** Every name that starts so is inert; end it with a dot. */
  public Globals inertBelow(String prefix) {
    inertPrefixes.add(prefix);
    return this;
  }

  /** An object of any class is taken as inert data if it looks like this once it has its state. */
  public Globals recognising(Predicate<PickledObject> looksFamiliar) {
    recognised = looksFamiliar;
    return this;
  }

  /** The factory of that name, or null. */
  Factory factoryOf(GlobalRef ref) {
    return factories.get(ref.qualified());
  }

  boolean isInert(GlobalRef ref) {
    String name = ref.qualified();
    return inert.contains(name) || inertPrefixes.stream().anyMatch(name::startsWith);
  }

  boolean isListed(GlobalRef ref) {
    return factories.containsKey(ref.qualified()) || isInert(ref);
  }

  boolean recognises(PickledObject object) {
    return recognised.test(object);
  }
}
