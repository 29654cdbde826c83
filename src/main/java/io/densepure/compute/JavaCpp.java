package io.densepure.compute;

import io.densepure.DeviceException;
import io.densepure.PrivateFolder;
import java.nio.file.Path;

/** Settings of JavaCPP, which both backends load natives with; it reads them once, at its start. */
public final class JavaCpp {
  private static final String CACHE = "org.bytedeco.javacpp.cachedir";

  private JavaCpp() {}

  /** To be called before any JavaCPP class is touched. What the user set stays. */
  public static void configure() {
    // It warns on stderr that its presets differ in version, which is harmless here. SLF4J discards
    // that.
    setIfAbsent("org.bytedeco.javacpp.logger", "slf4j");
    // By default it refuses to allocate once the resident memory, a mapped checkpoint included,
    // exceeds twice the Java heap.
    setIfAbsent("org.bytedeco.javacpp.maxBytes", "0");
    setIfAbsent("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    if (System.getProperty(CACHE) == null) {
      System.setProperty(CACHE, cache().toString());
    }
    // Libraries that others bring along; they would take the folder for temporary files.
    setIfAbsent("jline.tmpdir", System.getProperty(CACHE));
    setIfAbsent("jna.tmpdir", System.getProperty(CACHE));
  }

  /**
   * Where it unpacks native code to: its usual folder, made private. Where that cannot be had, it
   * would take one in the folder for temporary files under a name that everybody knows, and load
   * what it finds there; so it gets a new one.
   */
  private static Path cache() {
    Path usual = Path.of(System.getProperty("user.home"), ".javacpp", "cache");
    try {
      return PrivateFolder.at(usual).orElseGet(JavaCpp::temporary);
    } catch (DeviceException e) {
      return usual; // said when something is to be loaded: not all commands need that
    }
  }

  private static Path temporary() {
    Path folder = PrivateFolder.temporary("densepure-natives-");
    Runtime.getRuntime().addShutdownHook(new Thread(() -> PrivateFolder.delete(folder)));
    return folder;
  }

  private static void setIfAbsent(String key, String value) {
    if (System.getProperty(key) == null) {
      System.setProperty(key, value);
    }
  }
}
