package io.densepure.compute.cuda;

import io.densepure.DeviceException;
import io.densepure.compute.ArenaPlan;
import io.densepure.compute.Program;
import java.util.List;
import java.util.function.Consumer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;

/**
 * A recorded sequence of launches. The first run launches each step by itself, so that the
 * libraries load their kernels and settle their choices; the second captures them all into one CUDA
 * graph, which is replayed from then on.
 */
final class CudaProgram implements Program {
  private final CudaContext context;
  private final DeviceMemory memory;
  private final List<Runnable> steps;
  private final boolean graphs;
  private final Consumer<CudaProgram> onClose;
  private final long arenaBytes;
  private final CUdeviceptr arena;
  private CUgraphExec graph;
  private int runs;
  private boolean closed;

  CudaProgram(
      CudaContext context,
      DeviceMemory memory,
      Recording recording,
      boolean graphs,
      Consumer<CudaProgram> onClose) {
    this.onClose = onClose;
    this.context = context;
    this.memory = memory;
    this.graphs = graphs;
    steps = recording.steps();
    ArenaPlan plan = recording.plan();
    arenaBytes = plan.totalBytes();
    arena = memory.allocate(arenaBytes, "intermediate results");
    List<Storage> intermediates = recording.used();
    for (int i = 0; i < intermediates.size(); i++) {
      intermediates.get(i).place(arena.withByteOffset(plan.offsets().get(i)));
    }
  }

  @Override
  public void run() {
    if (closed) {
      throw new IllegalStateException("the program has been closed");
    }
    context.bind();
    if (!graphs || runs == 0) {
      steps.forEach(Runnable::run);
    } else {
      if (graph == null) {
        graph = capture();
      }
      Check.driver(JCudaDriver.cuGraphLaunch(graph, context.stream()), "running a program");
    }
    runs++;
  }

  /**
   * @throws DeviceException if a step does something that a graph cannot hold
   */
  private CUgraphExec capture() {
    CUstream stream = context.stream();
    // Relaxed: the libraries may load code while we capture.
    Check.driver(
        JCudaDriver.cuStreamBeginCapture(
            stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED),
        "capturing a program");
    CUgraph captured = new CUgraph();
    try {
      steps.forEach(Runnable::run);
    } catch (DeviceException e) {
      // A capture must be ended before the stream can be used for anything else.
      if (JCudaDriver.cuStreamEndCapture(stream, captured) == CUresult.CUDA_SUCCESS) {
        JCudaDriver.cuGraphDestroy(captured);
      }
      throw e;
    }
    Check.driver(JCudaDriver.cuStreamEndCapture(stream, captured), "capturing a program");
    CUgraphExec executable = new CUgraphExec();
    int status = JCudaDriver.cuGraphInstantiate(executable, captured, 0);
    JCudaDriver.cuGraphDestroy(captured);
    Check.driver(status, "building the graph of a program");
    return executable;
  }

  @Override
  public long arenaBytes() {
    return arenaBytes;
  }

  /** Best effort, as the device may be lost. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    context.bindToClose();
    memory.free(arena);
    if (graph != null) {
      JCudaDriver.cuGraphExecDestroy(graph);
    }
    onClose.accept(this);
  }
}
