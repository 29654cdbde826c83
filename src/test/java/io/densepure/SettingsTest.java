package io.densepure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
  @Test
  void readsWhatYamlAndJsonMakeOfTheSameSetting() {
    Settings s =
        new Settings(
            "a.yml",
            Map.of(
                "text",
                "32, 16,8",
                "list",
                List.of(2, 4),
                "one",
                16,
                "number",
                "7",
                "flag",
                "True",
                "off",
                false,
                "none",
                ""));
    assertEquals(List.of(32, 16, 8), s.integers("text", List.of()));
    assertEquals(List.of(2, 4), s.integers("list", List.of()));
    assertEquals(List.of(16), s.integers("one", List.of()));
    assertEquals(List.of(), s.numbers("none", List.of(1.0)));
    assertEquals(7, s.integer("number"));
    assertEquals("16", s.text("one", ""));
    assertTrue(s.flag("flag", false));
    assertFalse(s.flag("off", true));
  }

  @Test
  void takesTheDefaultForWhatIsAbsentOrNull() {
    Map<String, Object> values = new HashMap<>();
    values.put("null", null);
    Settings s = new Settings("a.yml", values);
    assertFalse(s.has("null"));
    assertEquals(3, s.integer("null", 3));
    assertTrue(s.flag("absent", true));
    assertEquals("x", s.text("absent", "x"));
    assertEquals(List.of(5), s.integers("absent", List.of(5)));
  }

  @Test
  void namesFileAndKeyOfWhatIsWrong() {
    Settings s =
        new Settings(
            "a.yml",
            Map.of(
                "n",
                "many",
                "f",
                "maybe",
                "l",
                Arrays.asList(1, null),
                "half",
                "0.5",
                "e",
                "1,,2"));
    assertMessage("a.yml: 'n' is 'many', not an integer", () -> s.integer("n"));
    assertMessage("a.yml: 'f' is 'maybe', not true or false", () -> s.flag("f", false));
    assertMessage(
        "a.yml: 'l' is '[1, null]', not a list of numbers", () -> s.numbers("l", List.of()));
    assertMessage("a.yml: 'e' is '1,,2', not a list of numbers", () -> s.numbers("e", List.of()));
    assertMessage(
        "a.yml: 'half' is '0.5', not a list of integers", () -> s.integers("half", List.of()));
    assertMessage("a.yml: 'absent' is missing", () -> s.integer("absent"));
  }

  private static void assertMessage(String expected, Runnable action) {
    assertEquals(expected, assertThrows(InputException.class, action::run).getMessage());
  }
}
