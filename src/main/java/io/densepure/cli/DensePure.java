package io.densepure.cli;

import io.densepure.DeviceException;
import io.densepure.InputException;
import io.densepure.compute.JavaCpp;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The root command: parses, dispatches, and turns exceptions into one line and an exit code. */
@Command(
    name = "densepure",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    description = "Certified L2 robustness for any image classifier.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      CertifyCommand.class,
      PredictCommand.class,
      PurifyCommand.class,
      MergeCommand.class,
      RecertifyCommand.class,
      AccuracyCommand.class,
      PlotCommand.class,
      BenchCommand.class,
      ReportCommand.class,
      DownloadCommand.class,
      ConvertCommand.class,
      InspectCommand.class,
      ParityCommand.class,
      DoctorCommand.class,
    },
    footer = {
      "",
      "Exit codes: 0 done, 1 a check failed, 2 bad input, 3 a device or library failed, 130"
          + " interrupted (resumable).",
      "Start with: densepure demo"
    })
public final class DensePure implements Runnable {
  static final int BAD_INPUT = 2;
  static final int DEVICE_FAILED = 3;
  private static final int INTERNAL = 70;

  @Spec private CommandSpec spec;

  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "When something fails, print where in the program as well.")
  private boolean stackTrace;

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The configured parser: what {@code main} and the tests run. */
  public static CommandLine commandLine() {
    JavaCpp.configure();
    DensePure root = new DensePure();
    CommandLine cmd = new CommandLine(root);
    cmd.setUsageHelpAutoWidth(true);
    cmd.setCaseInsensitiveEnumValuesAllowed(true);
    SectionedHelp.install(cmd);
    cmd.setParameterExceptionHandler(DensePure::badParameter);
    cmd.setExecutionExceptionHandler((e, c, r) -> root.failed(e, c));
    cmd.setExecutionStrategy(root::runOrSay);
    return cmd;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command given");
  }

  /** Errors of the JVM that input can bring about end in one line, too. */
  private int runOrSay(ParseResult parsed) {
    try {
      return new CommandLine.RunLast().execute(parsed);
    } catch (OutOfMemoryError e) {
      String why =
          "out of memory (%s): give Java more with DENSEPURE_JAVA_OPTS=-Xmx8g, or make the"
              + " batch smaller";
      return failed(new DeviceException(why.formatted(e.getMessage()), e), spec.commandLine());
    } catch (StackOverflowError e) {
      return failed(new IllegalStateException("nested too deeply", e), spec.commandLine());
    }
  }

  private static int badParameter(ParameterException e, String[] args) {
    CommandLine cmd = e.getCommandLine();
    PrintWriter err = cmd.getErr();
    err.println("densepure: " + firstLine(e.getMessage()));
    CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
    err.println("Try '" + cmd.getCommandSpec().qualifiedName() + " --help'.");
    err.flush();
    return BAD_INPUT;
  }

  private int failed(Exception e, CommandLine cmd) {
    PrintWriter err = cmd.getErr();
    err.println("densepure: " + message(e));
    if (stackTrace) {
      e.printStackTrace(err);
    }
    err.flush();
    if (e instanceof InputException) {
      return BAD_INPUT;
    }
    return e instanceof DeviceException ? DEVICE_FAILED : INTERNAL;
  }

  private static String message(Exception e) {
    if (e instanceof InputException || e instanceof DeviceException) {
      return e.getMessage();
    }
    return "internal error: "
        + e
        + "; this is a bug in DensePure, please report it with the output of --stacktrace";
  }

  private static String firstLine(String s) {
    int end = s.indexOf('\n');
    return end < 0 ? s : s.substring(0, end).trim();
  }
}
