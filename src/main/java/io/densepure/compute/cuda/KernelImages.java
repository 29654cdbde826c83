package io.densepure.compute.cuda;

import io.densepure.DeviceException;
import io.densepure.PrivateFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/**
 * Where the kernels' PTX comes from: compiled by nvcc when the program was built, and then a
 * resource; else compiled from the sources in the jar by NVRTC, once, and kept in the user's cache
 * folder under a name made from all that it depends on.
 */
final class KernelImages {
  /** Compiles CUDA C++ to PTX. */
  interface Compiler {
    /** Distinguishes its results from those of other versions. */
    String version();

    /**
     * @param name file name, for messages
     * @param headers sources that may be included, by name
     * @param arch as {@code compute_80}
     * @throws DeviceException with the compiler's first complaint
     */
    String compile(String name, String source, Map<String, String> headers, String arch);
  }

  private static final String COMMON = "common.cuh";

  private final String sources;
  private final String built;
  private final Path cache;
  private final Compiler compiler;

  /**
   * @param sources resource folder of the CUDA sources
   * @param built resource folder of the PTX made at build, by architecture
   * @param cache folder for compiled kernels, made when needed, for this user only
   * @param compiler for what was not compiled at build
   */
  KernelImages(String sources, String built, Path cache, Compiler compiler) {
    this.sources = sources;
    this.built = built;
    this.cache = cache;
    this.compiler = compiler;
  }

  /** The kernels of this program, with NVRTC and the user's cache folder. */
  static KernelImages standard() {
    return new KernelImages(
        "/cuda", "/cuda", userCache().resolve("densepure/kernels"), NvrtcCompiler.standard());
  }

  private static Path userCache() {
    String folder = System.getenv("XDG_CACHE_HOME");
    return folder == null || folder.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".cache")
        : Path.of(folder);
  }

  /** Whether the kernels were compiled when the program was built. */
  boolean areBuilt() {
    return KernelImages.class.getResource(built + "/compute_80/cast.ptx") != null;
  }

  /**
   * The PTX of one source file, with a terminating NUL.
   *
   * @param computeCapability times ten
   * @throws DeviceException if the device is too old, or nothing can compile the kernels
   */
  byte[] ptx(String file, int computeCapability) {
    String arch = arch(computeCapability);
    byte[] ptx = resource(built + "/" + arch + "/" + file + ".ptx");
    ptx = ptx != null ? ptx : compiled(file, arch);
    return Arrays.copyOf(ptx, ptx.length + 1);
  }

  /** The virtual architecture that we compile for; the driver specialises it. */
  private static String arch(int computeCapability) {
    if (computeCapability < 75) {
      throw new DeviceException(
          "this GPU has compute capability "
              + computeCapability / 10
              + "."
              + computeCapability % 10
              + "; 7.5 (Turing) or newer is needed");
    }
    return computeCapability < 80 ? "compute_75" : "compute_80";
  }

  private byte[] compiled(String file, String arch) {
    String source = source(file + ".cu");
    String common = source(COMMON);
    Path cached = privateCache().resolve(file + "-" + key(arch, source, common) + ".ptx");
    try {
      if (Files.exists(cached)) {
        return Files.readAllBytes(cached);
      }
      String ptx = compiler.compile(file + ".cu", source, Map.of(COMMON, common), arch);
      byte[] bytes = lowered(ptx).getBytes(StandardCharsets.UTF_8);
      keep(cached, bytes);
      return bytes;
    } catch (IOException e) {
      throw new DeviceException("cannot keep compiled CUDA kernels in " + cache + ": " + e, e);
    }
  }

  /** What lies in somebody else's folder is not ours to run. */
  private Path privateCache() {
    return PrivateFolder.at(cache)
        .orElseThrow(
            () ->
                new DeviceException(
                    "cannot keep compiled CUDA kernels in "
                        + cache
                        + ": it cannot be written, or belongs to somebody else; name another folder"
                        + " for caches in XDG_CACHE_HOME"));
  }

  private String key(String arch, String source, String common) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part : new String[] {compiler.version(), arch, source, common}) {
        digest.update(part.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A newer compiler names a PTX version that older drivers refuse; we use nothing beyond 8.0. */
  private static String lowered(String ptx) {
    return ptx.replaceFirst("(?m)^\\.version .*$", ".version 8.0");
  }

  /** Whole or not at all, as another process may be doing the same. */
  private static void keep(Path file, byte[] bytes) throws IOException {
    Path part = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".part");
    Files.write(part, bytes);
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private String source(String name) {
    byte[] bytes = resource(sources + "/" + name);
    if (bytes == null) {
      throw new DeviceException("the program's jar lacks the CUDA source " + name);
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private byte[] resource(String name) {
    try (InputStream in = KernelImages.class.getResourceAsStream(name)) {
      return in == null ? null : in.readAllBytes();
    } catch (IOException e) {
      throw new DeviceException("cannot read the CUDA kernels in the program's jar: " + e, e);
    }
  }
}
