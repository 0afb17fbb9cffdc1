package io.playhead.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressesTest {
  @Test
  void addressesArePartedByCommasAndGetThePort() {
    assertEquals(
        List.of("broker:17777", "10.0.0.1:1", "[::1]:17777", "unix:/run/playhead"),
        Addresses.parse(List.of("broker, 10.0.0.1:1", "[::1]", "unix:/run/playhead")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " , ", "http://broker", "broker:65536", "a b"})
  void whatIsNoAddressIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> Addresses.parse(List.of(text)));
  }
}
