package io.densepure.pipeline;

import io.densepure.certify.DiscreteGaussian;
import io.densepure.certify.VoteCertifier;
import io.densepure.data.Dataset;

/** Makes ready what computes the lanes of a certification; nothing is written. */
final class CertifyPipelines {
  private CertifyPipelines() {}

  /**
   * Checks the request, loads its networks and records their programs on every device.
   *
   * @throws io.densepure.InputException if anything about the request is wrong
   */
  static LanePipelines open(Devices devices, Setup setup, Dataset data, CertifyRequest request) {
    check(setup, data, request);
    boolean sound = request.guarantee().sound();
    SmoothingNoise noise = sound ? request.noise().onHost() : request.noise();
    LaneWork work =
        LaneWork.load(
            setup,
            data,
            noise,
            sound ? new DiscreteGaussian(request.sigma()) : null,
            request.classifier(),
            request.denoising(),
            request.dtype());
    return new LanePipelines(devices, work, request.batch(), request.lanes());
  }

  /**
   * @throws io.densepure.InputException if images, noise or guarantee are wrong
   */
  static void check(Setup setup, Dataset data, CertifyRequest request) {
    setup.checkImages(request.images(), data);
    VoteCertifier certifier = new VoteCertifier(request.sigma(), request.alpha());
    request.guarantee().rule(certifier, request.plan().n()); // only to check it
    if (request.guarantee().sound()) {
      SoundImages.levels(data, request.images().get(0)); // others are checked in their turn
    }
  }
}
