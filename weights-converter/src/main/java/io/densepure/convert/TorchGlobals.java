package io.densepure.convert;

import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.convert.pickle.Arguments;
import io.densepure.convert.pickle.GlobalRef;
import io.densepure.convert.pickle.Globals;
import java.util.List;
import java.util.Map;

/**
 * The names of PyTorch that checkpoints use: functions that rebuild tensors, the types of storages,
 * the classes of modules.
 */
final class TorchGlobals {
  private static final Map<String, DType> STORAGES =
      Map.ofEntries(
          Map.entry("DoubleStorage", DType.F64),
          Map.entry("FloatStorage", DType.F32),
          Map.entry("HalfStorage", DType.F16),
          Map.entry("BFloat16Storage", DType.BF16),
          Map.entry("LongStorage", DType.I64),
          Map.entry("IntStorage", DType.I32),
          Map.entry("ShortStorage", DType.I16),
          Map.entry("CharStorage", DType.I8),
          Map.entry("ByteStorage", DType.U8),
          Map.entry("BoolStorage", DType.BOOL),
          Map.entry("UntypedStorage", DType.U8));

  private static final Map<String, DType> DTYPES =
      Map.ofEntries(
          Map.entry("torch.float64", DType.F64),
          Map.entry("torch.float32", DType.F32),
          Map.entry("torch.float16", DType.F16),
          Map.entry("torch.bfloat16", DType.BF16),
          Map.entry("torch.int64", DType.I64),
          Map.entry("torch.int32", DType.I32),
          Map.entry("torch.int16", DType.I16),
          Map.entry("torch.int8", DType.I8),
          Map.entry("torch.uint8", DType.U8),
          Map.entry("torch.bool", DType.BOOL));

  private TorchGlobals() {}

  static Globals create() {
    Globals globals =
        Globals.pythonAndNumpy()
            .factory("torch._utils._rebuild_tensor", TorchGlobals::tensor)
            .factory("torch._utils._rebuild_tensor_v2", TorchGlobals::tensor)
            .factory("torch._utils._rebuild_tensor_v3", TorchGlobals::tensorOverBytes)
            .factory("torch._tensor._rebuild_from_type_v2", TorchGlobals::tensorSubclass)
            .factory("torch._utils._rebuild_parameter", TorchGlobals::parameter)
            .factory("torch._utils._rebuild_parameter_with_state", TorchGlobals::parameter)
            .factory("torch.nn.parameter.Parameter", TorchGlobals::parameter)
            .factory("torch.nn.parameter.Buffer", TorchGlobals::parameter)
            .factory("torch.autograd.variable.Variable", TorchGlobals::parameter)
            .factory("torch.Size", a -> a.list(0))
            .inert("torch.device", "torch.Tensor", "torch.strided", "torch._C._nn.gelu")
            .inert("torch.storage.UntypedStorage", "torch.UntypedStorage")
            .inertBelow("torch.nn.")
            .recognising(TorchModules::isModule);
    DTYPES.keySet().forEach(globals::inert);
    for (String storage : STORAGES.keySet()) {
      globals.inert("torch." + storage, "torch.cuda." + storage);
    }
    return globals;
  }

  /**
   * The element type of a storage class.
   *
   * @throws IllegalArgumentException if it is none, or of elements that are not supported
   */
  static DType storageType(GlobalRef type) {
    DType dtype = type.module().startsWith("torch") ? STORAGES.get(type.name()) : null;
    if (dtype == null) {
      throw new IllegalArgumentException(
          "has a storage of type "
              + InputException.quote(type.qualified())
              + "; complex, quantised and 8-bit float tensors are not supported");
    }
    return dtype;
  }

  /** (storage, offset, size, stride, …): what follows concerns autograd. */
  private static TensorRef tensor(Arguments a) {
    StorageRef storage = a.get(0, StorageRef.class);
    return new TensorRef(storage, storage.dtype(), a.integer(1), a.integers(2), a.integers(3));
  }

  /** (storage, offset, size, stride, requires_grad, hooks, dtype, …). */
  private static TensorRef tensorOverBytes(Arguments a) {
    DType dtype = DTYPES.get(a.get(6, GlobalRef.class).qualified());
    if (dtype == null) {
      throw new IllegalArgumentException("has a tensor of a dtype that is not supported");
    }
    return new TensorRef(
        a.get(0, StorageRef.class), dtype, a.integer(1), a.integers(2), a.integers(3));
  }

  /** (function, class, its arguments, attributes): a tensor that was given Python attributes. */
  private static TensorRef tensorSubclass(Arguments a) {
    if (!a.get(0, GlobalRef.class).qualified().equals("torch._utils._rebuild_tensor_v2")) {
      throw new IllegalArgumentException("has a tensor of a class that is not supported");
    }
    return tensor(a.nested(2));
  }

  /** (tensor, …). */
  private static TensorRef parameter(Arguments a) {
    return a.get(0, TensorRef.class);
  }

  /**
   * What a persistent id stands for: {@code ('storage', type, key, location, elements)}, in old
   * files followed by a view {@code (key, first, elements)} or None; or {@code ('module', class,
   * file, source)}, whose source code is of no interest. Where the tensor was (CPU, a GPU) is
   * neither.
   *
   * @throws IllegalArgumentException if it is anything else
   */
  static Object persistent(Object id) {
    if (id instanceof List<?> list && list.size() >= 2) {
      if ("module".equals(list.get(0)) && list.get(1) instanceof GlobalRef type) {
        return type;
      }
      if ("storage".equals(list.get(0))
          && list.size() >= 5
          && list.get(1) instanceof GlobalRef type
          && list.get(2) instanceof String key
          && list.get(4) instanceof Long elements) {
        Object view = list.size() > 5 ? list.get(5) : null;
        return storage(storageType(type), key, elements, view);
      }
    }
    throw new IllegalArgumentException("refers to data outside the pickle in an unknown way");
  }

  private static StorageRef storage(DType dtype, String key, long elements, Object view) {
    if (view == null) {
      return new StorageRef(key, dtype, elements, 0, elements);
    }
    if (view instanceof List<?> v
        && v.size() == 3
        && v.get(1) instanceof Long first
        && v.get(2) instanceof Long length) {
      return new StorageRef(key, dtype, elements, first, length);
    }
    throw new IllegalArgumentException("has a view of a storage that is not understood");
  }
}
