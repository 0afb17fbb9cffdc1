package io.playhead.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads addresses as users write them. */
final class Addresses {
  static final String DEFAULT = "127.0.0.1:17777";

  private static final int DEFAULT_PORT = 17777;
  private static final int MAX_PORT = 65535;
  private static final Pattern TARGET = Pattern.compile("(?:unix|dns|ipv4|ipv6):.*");
  private static final Pattern HOST = Pattern.compile("[^\\s/:]+|\\[[0-9a-fA-F:.]+\\]");
  private static final Pattern HOST_PORT =
      Pattern.compile("(?:[^\\s/:]+|\\[[0-9a-fA-F:.]+\\]):(\\d{1,5})");

  private Addresses() {}

  /**
   * Splits at commas and completes: {@code host}, {@code host:port}, {@code [::1]:port}, {@code
   * unix:path}. Throws an IllegalArgumentException.
   */
  static List<String> parse(Collection<String> texts) {
    List<String> addresses = new ArrayList<>();
    for (String text : texts) {
      for (String part : text.split(",", -1)) {
        if (!part.isBlank()) {
          addresses.add(complete(part.strip()));
        }
      }
    }
    if (addresses.isEmpty()) {
      throw new IllegalArgumentException("a client needs an address such as " + DEFAULT);
    }
    return List.copyOf(addresses);
  }

  /** The name that gRPC resolves. */
  static String toTarget(String address) {
    return TARGET.matcher(address).matches() ? address : "dns:///" + address;
  }

  private static String complete(String address) {
    if (TARGET.matcher(address).matches()) {
      return address;
    }
    if (HOST.matcher(address).matches()) {
      return address + ":" + DEFAULT_PORT;
    }
    Matcher matcher = HOST_PORT.matcher(address);
    if (matcher.matches() && Integer.parseInt(matcher.group(1)) <= MAX_PORT) {
      return address;
    }
    throw new IllegalArgumentException("\"" + address + "\" is no address such as " + DEFAULT);
  }
}
