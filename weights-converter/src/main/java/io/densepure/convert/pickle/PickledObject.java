package io.densepure.convert.pickle;

import java.util.List;
import java.util.Map;

/**
 * An instance of a Python class that has no counterpart here, as inert data: what its constructor
 * would have been given and its attributes.
 */
public final class PickledObject implements Buildable {
  private final GlobalRef type;
  private final List<Object> arguments;
  private Object state;

  public PickledObject(GlobalRef type, List<Object> arguments) {
    this.type = type;
    this.arguments = arguments;
  }

  /** As {@code torch.nn.modules.conv.Conv2d}. */
  public String className() {
    return type.qualified();
  }

  GlobalRef type() {
    return type;
  }

  public List<Object> arguments() {
    return arguments;
  }

  /** The instance's attributes; empty if the pickle gave none or something else. */
  @SuppressWarnings("unchecked") // every Map of a pickle has String keys, see DictKeys
  public Map<String, Object> attributes() {
    return state instanceof Map<?, ?> m ? (Map<String, Object>) m : Map.of();
  }

  /** What the pickle gave as state: mostly the map of attributes; null if nothing. */
  public Object state() {
    return state;
  }

  @Override
  public void build(Object newState) {
    state = newState;
  }
}
