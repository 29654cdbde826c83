package io.densepure.convert;

import io.densepure.convert.pickle.PickledObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Instances of {@code torch.nn.Module}, pickled whole. */
final class TorchModules {
  private TorchModules() {}

  /** Whether the object has the attributes that make a module, whatever its class. */
  static boolean isModule(PickledObject object) {
    Map<String, Object> attributes = object.attributes();
    return attributes.get("_parameters") instanceof Map<?, ?>
        && attributes.get("_buffers") instanceof Map<?, ?>
        && attributes.get("_modules") instanceof Map<?, ?>;
  }

  /** What {@code state_dict()} would list, one level: parameters, buffers, modules. */
  static Map<String, Object> children(PickledObject module) {
    Map<String, Object> attributes = module.attributes();
    Map<String, Object> children = new LinkedHashMap<>();
    addAll(children, attributes.get("_parameters"));
    addAll(children, attributes.get("_buffers"));
    if (attributes.get("_non_persistent_buffers_set") instanceof List<?> transients
        && transients.size() <= children.size()) {
      transients.forEach(children::remove);
    }
    addAll(children, attributes.get("_modules"));
    return children;
  }

  private static void addAll(Map<String, Object> children, Object group) {
    ((Map<?, ?>) group).forEach((name, child) -> children.put((String) name, child));
  }
}
