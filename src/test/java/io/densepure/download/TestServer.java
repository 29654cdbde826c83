package io.densepure.download;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** An HTTP server on raw sockets, which can do everything that servers should not. */
public final class TestServer implements AutoCloseable {
  /** What to do with a request. */
  @FunctionalInterface
  public interface Behaviour {
    /** Everything after this returns is a closed connection. */
    void answer(Request request, Reply reply) throws IOException;
  }

  /**
   * What a client asked for.
   *
   * @param headers by lower-case name
   * @param count how many requests came before this one
   */
  public record Request(String path, Map<String, String> headers, int count) {
    /** Where the asked range begins; 0 if all was asked for. */
    public int from() {
      String range = headers.getOrDefault("range", "bytes=0-");
      return Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
    }
  }

  /** Writes an answer, right or wrong. */
  public final class Reply {
    private final OutputStream out;

    private Reply(OutputStream out) {
      this.out = out;
    }

    /** A status line and headers, each as {@code Name: value}. */
    public Reply head(int status, String... headers) throws IOException {
      StringBuilder text = new StringBuilder("HTTP/1.1 " + status + " Test\r\n");
      List.of(headers).forEach(h -> text.append(h).append("\r\n"));
      text.append("Connection: close\r\n\r\n");
      out.write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      return this;
    }

    /** Part of a body. */
    public Reply body(byte[] content, int from, int to) throws IOException {
      out.write(content, from, to - from);
      out.flush();
      return this;
    }

    /** A right answer: all of it, or the range that was asked for if {@code etag} still fits. */
    public void file(Request request, byte[] content, String etag) throws IOException {
      String expected = request.headers().getOrDefault("if-range", etag);
      int from = expected.equals(etag) ? request.from() : 0;
      head(
          from == 0 ? 200 : 206,
          "Content-Length: " + (content.length - from),
          "ETag: " + etag,
          "Content-Range: bytes " + from + "-" + (content.length - 1) + "/" + content.length);
      body(content, from, content.length);
    }

    /** Says nothing more until the server closes. */
    public void hang() {
      try {
        closed.await(30, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private final ServerSocket socket;
  private final Behaviour behaviour;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Request> requests = Collections.synchronizedList(new ArrayList<>());

  public TestServer(Behaviour behaviour) throws IOException {
    this.behaviour = behaviour;
    this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  /** Content that no test would get right by accident. */
  public static byte[] content(int bytes) {
    byte[] content = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      content[i] = (byte) (i * 31 + i / 251);
    }
    return content;
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "test-server");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (closed.getCount() > 0) {
      try {
        Socket client = socket.accept();
        start(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      Request request = read(client);
      requests.add(request);
      behaviour.answer(request, new Reply(client.getOutputStream()));
    } catch (IOException e) {
      // the client has gone, which is its right
    }
  }

  private Request read(Socket client) throws IOException {
    BufferedReader in =
        new BufferedReader(
            new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
    String path = in.readLine().split(" ")[1];
    Map<String, String> headers = new TreeMap<>();
    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      String[] parts = line.split(": *", 2);
      headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1]);
    }
    return new Request(path, headers, requests.size());
  }

  /** The address of {@code path}, which begins with a slash. */
  public String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  public int port() {
    return socket.getLocalPort();
  }

  public List<Request> requests() {
    return List.copyOf(requests);
  }

  /** Where in the file each request wanted to begin. */
  public List<Integer> starts() {
    return Arrays.asList(requests().stream().map(Request::from).toArray(Integer[]::new));
  }

  @Override
  public void close() throws IOException {
    closed.countDown();
    socket.close();
  }
}
