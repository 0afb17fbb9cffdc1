package io.playhead.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class CreditTest {
  @Test
  void whatIsSettledGoesBackOnce() {
    Credit credit = new Credit(10, 1000);
    assertFalse(credit.isDue());
    credit.giveBack(2, 300);
    assertTrue(credit.isDue());
    assertEquals(2, credit.takeMessages());
    assertEquals(300, credit.takeBytes());
    assertFalse(credit.isDue());
  }

  @Test
  void nothingGoesBackWhileTooMuchWaitsForItsResult() {
    Credit credit = new Credit(10, 1000);
    credit.giveBack(1, 1);
    credit.expect(41);
    assertFalse(credit.isDue());
    credit.confirm(1);
    assertTrue(credit.isDue());
  }

  @Test
  void aRequestGivesBackNoMoreThanItsFieldHolds() {
    Credit credit = new Credit(10, 1000);
    credit.giveBack(0, Integer.MAX_VALUE + 5L);
    assertEquals(Integer.MAX_VALUE, credit.takeBytes());
    assertEquals(5, credit.takeBytes());
  }
}
