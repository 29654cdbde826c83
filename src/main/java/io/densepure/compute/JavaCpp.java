package io.densepure.compute;

/** Settings of JavaCPP, which both backends load natives with; it reads them once, at its start. */
public final class JavaCpp {
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
  }

  private static void setIfAbsent(String key, String value) {
    if (System.getProperty(key) == null) {
      System.setProperty(key, value);
    }
  }
}
