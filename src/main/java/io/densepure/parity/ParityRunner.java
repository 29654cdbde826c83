package io.densepure.parity;

import io.densepure.DeviceException;
import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.parity.ParityResult.Status;
import java.util.List;
import java.util.Set;

/** Runs golden cases on a device. */
public final class ParityRunner {
  /** Every kind of case that can be run; the first that handles a case runs it. */
  private static final List<CaseRunner> RUNNERS =
      List.of(
          new UNetRunner(),
          new TimestepEmbeddingRunner(),
          new AttentionRunner(),
          new ResampleRunner(),
          new ClassifierRunner(),
          new FeatureExtractorPathRunner(),
          new PreprocessingRunner(),
          new ScheduleRunner(),
          new SigmaToTimestepRunner(),
          new TraceRunner(),
          new EndToEndRunner(),
          new CertifyRunner(),
          new StatsRunner(),
          new MergeRunner(),
          new CifarFilesRunner(),
          new ImageFilesRunner(),
          new GoodCheckpointsRunner(),
          new BadCheckpointsRunner());

  private final List<CaseRunner> runners;

  public ParityRunner() {
    this(RUNNERS);
  }

  ParityRunner(List<CaseRunner> runners) {
    this.runners = runners;
  }

  /**
   * Runs one case. Whatever is wrong with its files, or goes wrong on the way, makes it {@link
   * Status#FAIL} with a message; nothing is thrown.
   *
   * @param dtype what activations are stored as inside networks
   */
  public ParityResult run(GoldenCase c, Device device, DType dtype) {
    Comparison comparison = new Comparison();
    try (GoldenArrays arrays = new GoldenArrays(c)) {
      runnerFor(c).run(new Trial(c, arrays, device, dtype, comparison));
      requireAllRead(arrays.unread());
    } catch (UnsupportedCase e) {
      return result(c, Status.UNSUPPORTED, dtype, e.getMessage(), comparison);
    } catch (InputException | DeviceException e) {
      return result(c, Status.FAIL, dtype, e.getMessage(), comparison);
    } catch (OutOfMemoryError e) {
      String advice =
          "needs more memory than the Java heap has: raise -Xmx (" + e.getMessage() + ")";
      return result(c, Status.FAIL, dtype, advice, comparison);
    } catch (RuntimeException e) {
      return result(c, Status.FAIL, dtype, "unexpected " + e, comparison);
    }
    return verdict(c, dtype, comparison);
  }

  private CaseRunner runnerFor(GoldenCase c) {
    return runners.stream()
        .filter(r -> r.handles(c))
        .findFirst()
        .orElseThrow(
            () ->
                new UnsupportedCase(
                    "nothing here runs cases of group " + c.group() + " from " + c.source()));
  }

  private static void requireAllRead(Set<String> unread) {
    if (!unread.isEmpty()) {
      throw new UnsupportedCase("nothing here checks " + String.join(", ", unread));
    }
  }

  private static ParityResult verdict(GoldenCase c, DType dtype, Comparison comparison) {
    List<TensorRow> failed = comparison.rows().stream().filter(r -> !r.passed()).toList();
    if (comparison.rows().isEmpty()) {
      return result(c, Status.FAIL, dtype, "nothing was compared", comparison);
    }
    if (failed.isEmpty()) {
      return result(c, Status.PASS, dtype, "", comparison);
    }
    String more = failed.size() == 1 ? "" : " (and " + (failed.size() - 1) + " more)";
    TensorRow first = failed.get(0);
    return result(c, Status.FAIL, dtype, first.name() + ": " + first.message() + more, comparison);
  }

  private static ParityResult result(
      GoldenCase c, Status status, DType dtype, String message, Comparison comparison) {
    String oneLine = message.replaceAll("\\s*\\R\\s*", " ");
    return ParityResult.of(c, status, dtype, oneLine, comparison.rows());
  }
}
