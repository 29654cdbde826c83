package io.densepure.benchmarks.libtorch;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import io.densepure.benchmarks.ForwardPass;
import io.densepure.compute.HostTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** A network run by libtorch through DJL. */
public final class LibtorchForward implements ForwardPass {
  private static final String ENGINE = "PyTorch";

  private final NDManager manager;
  private final Model model;
  private final Predictor<NDList, NDList> predictor;
  private final NDList inputs;

  private LibtorchForward(NDManager manager, Model model, NDList inputs) {
    this.manager = manager;
    this.model = model;
    this.inputs = inputs;
    predictor = model.newPredictor(new NoopTranslator(null));
  }

  /**
   * Writes the network's archive into {@code folder} and loads it. libtorch's libraries are
   * unpacked there as well.
   *
   * @param threads how many threads libtorch computes with; the first call in a JVM decides
   */
  public static LibtorchForward open(
      TorchScript script, List<HostTensor> inputs, Path folder, int threads) throws IOException {
    System.setProperty("ENGINE_CACHE_DIR", folder.toString());
    System.setProperty("DJL_CACHE_DIR", folder.toString());
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    Path archive = Files.createTempFile(Files.createDirectories(folder), "net", ".pt");
    try {
      script.save(archive);
      Model model = Model.newInstance("net", ENGINE);
      model.load(archive);
      IValueUtils.runMethod((PtSymbolBlock) model.getBlock(), "prepare");
      NDManager manager = NDManager.newBaseManager(ENGINE);
      NDList arrays = new NDList();
      inputs.forEach(t -> arrays.add(array(manager, t)));
      return new LibtorchForward(manager, model, arrays);
    } catch (MalformedModelException e) {
      throw new IllegalStateException(e);
    } finally {
      Files.delete(archive);
    }
  }

  private static NDArray array(NDManager manager, HostTensor tensor) {
    long[] shape = IntStream.of(tensor.shape().toArray()).asLongStream().toArray();
    return manager.create(tensor.toFloats(), new Shape(shape));
  }

  @Override
  public void run() {
    predict().close();
  }

  @Override
  public float[] output() {
    try (NDList result = predict()) {
      return result.singletonOrThrow().toFloatArray();
    }
  }

  private NDList predict() {
    try {
      return predictor.predict(inputs);
    } catch (TranslateException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    predictor.close();
    model.close();
    manager.close();
  }
}
