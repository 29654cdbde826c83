package io.densepure.compute.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;

/**
 * NVIDIA's PTX assembler of CUDA 12.0, which needs no GPU: what the oldest supported driver does.
 */
final class PtxAssembler {
  private static final Pattern ENTRY =
      Pattern.compile(
          "Compiling entry function '(\\w+)' for .*?(\\d+) bytes spill stores, (\\d+) bytes spill"
              + " loads.*?Used (\\d+) registers([^\\n]*)",
          Pattern.DOTALL);
  private static final Pattern SHARED = Pattern.compile("(\\d+) bytes smem");

  /**
   * What one kernel takes on one architecture.
   *
   * @param registers per thread
   * @param sharedBytes per block, without dynamic shared memory
   * @param spillBytes stored to and loaded from memory for want of registers
   */
  record Usage(String kernel, int registers, int sharedBytes, int spillBytes) {}

  private PtxAssembler() {}

  /**
   * Assembles a PTX file.
   *
   * @param arch as {@code sm_80}
   * @return what each of its kernels takes
   */
  static List<Usage> assemble(String ptx, String arch) {
    nvPTXCompilerHandle handle = new nvPTXCompilerHandle();
    byte[] text = (ptx + "\0").getBytes(StandardCharsets.UTF_8);
    assertEquals(0, JNvPTXCompiler.nvPTXCompilerCreate(handle, text.length, text));
    try {
      String[] options = {"--gpu-name=" + arch, "--verbose", "--warning-as-error"};
      if (JNvPTXCompiler.nvPTXCompilerCompile(handle, options.length, options) != 0) {
        fail("the assembler refuses it for " + arch + ": " + errorLog(handle));
      }
      return parse(infoLog(handle));
    } finally {
      JNvPTXCompiler.nvPTXCompilerDestroy(handle);
    }
  }

  private static List<Usage> parse(String log) {
    List<Usage> usages = new ArrayList<>();
    Matcher m = ENTRY.matcher(log);
    while (m.find()) {
      Matcher shared = SHARED.matcher(m.group(5));
      usages.add(
          new Usage(
              m.group(1),
              Integer.parseInt(m.group(4)),
              shared.find() ? Integer.parseInt(shared.group(1)) : 0,
              Integer.parseInt(m.group(2)) + Integer.parseInt(m.group(3))));
    }
    return usages;
  }

  private static String errorLog(nvPTXCompilerHandle handle) {
    long[] size = new long[1];
    JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(handle, size);
    byte[] log = new byte[(int) size[0] + 1];
    JNvPTXCompiler.nvPTXCompilerGetErrorLog(handle, log);
    return new String(log, StandardCharsets.UTF_8).strip();
  }

  private static String infoLog(nvPTXCompilerHandle handle) {
    long[] size = new long[1];
    JNvPTXCompiler.nvPTXCompilerGetInfoLogSize(handle, size);
    byte[] log = new byte[(int) size[0] + 1];
    JNvPTXCompiler.nvPTXCompilerGetInfoLog(handle, log);
    return new String(log, StandardCharsets.UTF_8);
  }
}
