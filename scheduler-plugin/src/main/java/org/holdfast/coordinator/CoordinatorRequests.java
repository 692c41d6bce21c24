// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.holdfast.coordinator.host.Then;
import org.holdfast.coordinator.operation.Progress;
import org.holdfast.coordinator.wire.JsonServer;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import tools.jackson.databind.JsonNode;

/**
 * What other commands ask over {@code coordinator.sock}; {@link RemoteCoordinator} is the asker.
 */
final class CoordinatorRequests implements JsonServer.Handler {
  static final String RESULT = "result";

  private final JobCoordinator coordinator;

  CoordinatorRequests(JobCoordinator coordinator) {
    this.coordinator = coordinator;
  }

  @Override
  public Map<String, Object> answer(
      String op, JsonNode request, Consumer<Map<String, Object>> progress) {
    Consumer<Progress> told =
        at ->
            progress.accept(Map.of("phase", at.phase(), "bytes", at.bytes(), "total", at.total()));
    Object result =
        switch (op) {
          case "checkpoint" -> coordinator.checkpoint(then(request), told);
          case "verify" -> coordinator.verify(epoch(request), told);
          case "prune" -> coordinator.prune(request.path("keep").asInt(0));
          case "history" -> coordinator.history();
          case "reindex" -> coordinator.reindex();
          default ->
              throw new Failure(
                  ExitCode.USAGE,
                  "the job's coordinator does not know '%s': is it of another version?"
                      .formatted(op));
        };
    return Map.of(RESULT, result);
  }

  private static Then then(JsonNode request) {
    return Then.valueOf(request.path("then").asString("continue").toUpperCase(Locale.ROOT));
  }

  private static OptionalInt epoch(JsonNode request) {
    int epoch = request.path("epoch").asInt(0);
    return epoch > 0 ? OptionalInt.of(epoch) : OptionalInt.empty();
  }
}
