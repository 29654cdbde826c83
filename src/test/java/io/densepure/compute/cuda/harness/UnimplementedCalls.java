package io.densepure.compute.cuda.harness;

import java.nio.file.Path;
import jcuda.driver.CUtexref;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnBackendDescriptor;

/**
 * Calls one function of each library that the harness does not implement; prints what they return.
 */
final class UnimplementedCalls {
  private UnimplementedCalls() {}

  /**
   * @param args the folder of the shims
   */
  public static void main(String[] args) {
    for (String library : new String[] {"libcuda.so.1", "libcublas.so.12", "libcudnn.so.9"}) {
      System.load(Path.of(args[0], library).toString());
    }
    System.out.println(JCudaDriver.cuTexRefCreate(new CUtexref()));
    System.out.println(JCublas2.cublasGetAtomicsMode(new cublasHandle(), new int[1]));
    System.out.println(JCudnn.cudnnBackendCreateDescriptor(0, new cudnnBackendDescriptor()));
  }
}
