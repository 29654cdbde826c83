package io.densepure.compute.cuda;

/**
 * What the operations of one device work with.
 *
 * @param context the device and its stream
 * @param weights what has been uploaded
 * @param kernels our own kernels
 * @param cudnn convolutions
 * @param cublas matrix products
 */
record Gpu(
    CudaContext context, DeviceWeights weights, Kernels kernels, Cudnn cudnn, Cublas cublas) {

  Gpu with(DeviceWeights others) {
    return new Gpu(context, others, kernels, cudnn, cublas);
  }
}
