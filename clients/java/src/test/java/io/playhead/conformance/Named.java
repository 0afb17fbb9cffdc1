package io.playhead.conformance;

import com.google.gson.JsonObject;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What earlier requests have made, by the name that they gave it. */
final class Named<T> {
  private final String kind;
  private final Map<String, T> things = new ConcurrentHashMap<>();

  /** `kind` is the field in which later requests name it. */
  Named(String kind) {
    this.kind = kind;
  }

  void put(JsonObject request, T thing) {
    things.put(Fields.text(request, "as"), thing);
  }

  void put(String name, T thing) {
    things.put(name, thing);
  }

  /** That which a request names. */
  T of(JsonObject request) {
    String name = Fields.text(request, kind);
    T thing = things.get(name);
    if (thing == null) {
      throw new IllegalArgumentException("there is no " + kind + " " + name);
    }
    return thing;
  }
}
