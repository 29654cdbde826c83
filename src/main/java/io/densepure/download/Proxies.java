package io.densepure.download;

import io.densepure.InputException;
import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The proxies that the environment names, as curl reads it: {@code https_proxy}, {@code
 * http_proxy}, {@code all_proxy} and {@code no_proxy}, in either case. Where it names none, the
 * JVM's own settings count ({@code -Dhttps.proxyHost}).
 */
final class Proxies extends ProxySelector {
  private static final int DEFAULT_PORT = 8080;

  private final Map<String, String> environment;
  private final ProxySelector otherwise = ProxySelector.getDefault();

  Proxies(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public List<Proxy> select(URI url) {
    URI proxy = proxyOf(url);
    if (proxy != null) {
      int port = proxy.getPort() < 0 ? DEFAULT_PORT : proxy.getPort();
      return List.of(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(proxy.getHost(), port)));
    }
    return otherwise == null ? List.of(Proxy.NO_PROXY) : otherwise.select(url);
  }

  /** The proxy that the environment names for {@code url}; null for none. */
  private URI proxyOf(URI url) {
    String named = variable(url.getScheme().toLowerCase(Locale.ROOT) + "_proxy");
    String value = named != null ? named : variable("all_proxy");
    return value == null || isExcepted(url.getHost()) ? null : parse(value);
  }

  private static URI parse(String value) {
    try {
      URI proxy = URI.create(value.contains("://") ? value : "http://" + value);
      if (proxy.getHost() != null && proxy.getScheme().equalsIgnoreCase("http")) {
        return proxy;
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw InputException.of(
        "the environment's proxy %s is not of the form http://HOST:PORT",
        InputException.quote(value));
  }

  private boolean isExcepted(String host) {
    String list = variable("no_proxy");
    if (list == null || host == null) {
      return false;
    }
    for (String item : list.split(",")) {
      String suffix = item.strip().replaceFirst("^\\*?\\.", "").toLowerCase(Locale.ROOT);
      String name = host.toLowerCase(Locale.ROOT);
      if (suffix.equals("*")
          || !suffix.isEmpty() && (name.equals(suffix) || name.endsWith("." + suffix))) {
        return true;
      }
    }
    return false;
  }

  private String variable(String name) {
    String lower = environment.get(name);
    String value = lower != null ? lower : environment.get(name.toUpperCase(Locale.ROOT));
    return value == null || value.isBlank() ? null : value.strip();
  }

  @Override
  public void connectFailed(URI url, SocketAddress address, IOException e) {
    // whoever sent the request gets to see the exception
  }

  /** Answers proxies, and only them, with the user and password in the environment's setting. */
  Authenticator passwords() {
    return new Authenticator() {
      @Override
      protected PasswordAuthentication getPasswordAuthentication() {
        URI proxy =
            getRequestorType() == RequestorType.PROXY && getRequestingURL() != null
                ? proxyOf(URI.create(getRequestingURL().toString()))
                : null;
        if (proxy == null || proxy.getUserInfo() == null) {
          return null;
        }
        String[] parts = proxy.getUserInfo().split(":", 2);
        return new PasswordAuthentication(
            parts[0], (parts.length > 1 ? parts[1] : "").toCharArray());
      }
    };
  }
}
