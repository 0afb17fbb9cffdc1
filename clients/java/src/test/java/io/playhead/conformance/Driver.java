package io.playhead.conformance;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.playhead.client.PlayheadException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The driver of the conformance cases: a request of one line of JSON comes in, an answer goes out.
 */
public final class Driver {
  private static final String DRIVER_FAULT = "DRIVER";

  private final Operations operations = new Operations();
  private final ExecutorService waiting = Executors.newCachedThreadPool();
  private final PrintStream out;

  private Driver(PrintStream out) {
    this.out = out;
  }

  /** Serves until standard input ends. */
  public static void main(String[] arguments) throws IOException {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    Driver driver = new Driver(out);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      driver.take(JsonParser.parseString(line).getAsJsonObject());
    }
    // What a case has left open is not worth waiting for.
    Runtime.getRuntime().halt(0);
  }

  /** Begins a request at once; another thread waits for what comes of it. */
  private void take(JsonObject request) {
    Operation.Pending pending;
    try {
      pending = operations.begin(request);
    } catch (Exception e) {
      answer(request, "error", error(e));
      return;
    }
    waiting.execute(
        () -> {
          try {
            answer(request, "result", pending.await());
          } catch (Exception e) {
            answer(request, "error", error(e));
          }
        });
  }

  private synchronized void answer(JsonObject request, String name, JsonObject body) {
    JsonObject answer = new JsonObject();
    answer.add("id", request.get("id"));
    answer.add(name, body);
    out.println(answer);
    out.flush();
  }

  /** An error of the client as the protocol has it; anything else is a fault of the driver. */
  static JsonObject error(Throwable thrown) {
    JsonObject error = new JsonObject();
    if (thrown instanceof PlayheadException known) {
      error.addProperty("reason", known.reason().name());
      error.addProperty("message", known.getMessage());
      error.addProperty("retryable", known.isRetryable());
      JsonObject metadata = new JsonObject();
      known.metadata().forEach(metadata::addProperty);
      error.add("metadata", metadata);
      return error;
    }
    thrown.printStackTrace();
    error.addProperty("reason", DRIVER_FAULT);
    error.addProperty("message", thrown.toString());
    return error;
  }
}
