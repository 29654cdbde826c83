// One step of the DDPM reverse process (see Ops.ddpmStep): reads x, the network's output and the noise once, writes one
// of the four quantities.
//
// x, noise, y: [pixels, C] f32 (noise may be null unless the sample is asked for); output: [pixels, C] or, with learned
// variance, [pixels, 2C] f32; coefficients: [8] f32 in the order of DdpmCoefficients. Where the output is NaN or infinite
// the result is NaN: the clamp would hide an infinity.
// One thread per element of y.
#include "common.cuh"

// Numbers as in DdpmOutput.java.
enum DdpmOutput { DDPM_SAMPLE = 0, DDPM_PRED_XSTART = 1, DDPM_MEAN = 2, DDPM_LOG_VARIANCE = 3 };

extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)
    ddpm_step_f32(const float* x, const float* output, const float* noise, const float* coefficients, float* y,
                  long long n, int channels, int output_channels, int wanted) {
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const int c = remainder_of(i, channels);
  const float* at = output + quotient_of(i, channels) * output_channels + c;
  const float max_log_variance = coefficients[4];
  const float min_log_variance = coefficients[5];
  float log_variance = min_log_variance;
  float not_finite = at[0] - at[0];  // 0, or NaN
  if (output_channels != channels) {
    not_finite += at[channels] - at[channels];
    const float fraction = (at[channels] + 1.f) / 2.f;
    log_variance = fraction * max_log_variance + (1.f - fraction) * min_log_variance;
  }
  if (not_finite != 0.f) {
    y[i] = not_finite;
    return;
  }
  if (wanted == DDPM_LOG_VARIANCE) {
    y[i] = log_variance;
    return;
  }
  float x0 = coefficients[0] * x[i] - coefficients[1] * at[0];
  x0 = x0 < -1.f ? -1.f : x0 > 1.f ? 1.f : x0;
  if (wanted == DDPM_PRED_XSTART) {
    y[i] = x0;
    return;
  }
  const float mean = coefficients[2] * x0 + coefficients[3] * x[i];
  const float noise_scale = coefficients[6];
  y[i] = wanted == DDPM_MEAN || noise_scale == 0.f ? mean : mean + noise_scale * expf(log_variance / 2.f) * noise[i];
}
