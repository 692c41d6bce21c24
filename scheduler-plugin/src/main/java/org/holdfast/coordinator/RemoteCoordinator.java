// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.holdfast.coordinator.host.Then;
import org.holdfast.coordinator.index.CheckpointRow;
import org.holdfast.coordinator.operation.CheckpointResult;
import org.holdfast.coordinator.operation.EpochVerdict;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.operation.Progress;
import org.holdfast.coordinator.wire.JsonClient;
import org.holdfast.coordinator.wire.PeerException;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.holdfast.runner.state.Reason;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A job's coordinator in another process, mostly the {@code holdfast run} that started it. */
final class RemoteCoordinator implements JobCoordinator {
  /** Longer than anything takes between two signs of progress. */
  private static final Duration SILENCE = Duration.ofMinutes(10);

  private final ManagedJob job;
  private final JsonClient connection;
  private final JsonMapper json = new JsonMapper();

  private RemoteCoordinator(ManagedJob job, JsonClient connection) {
    this.job = job;
    this.connection = connection;
  }

  /**
   * Connects to it.
   *
   * @throws PeerException of kind ABSENT when there is none
   */
  static RemoteCoordinator connect(ManagedJob job) throws PeerException {
    return new RemoteCoordinator(
        job,
        JsonClient.connect(
            job.runtime().resolve(CoordinatorService.SOCKET),
            "the coordinator of job " + job.id()));
  }

  @Override
  public CheckpointResult checkpoint(Then then, Consumer<Progress> progress) {
    return json.treeToValue(
        ask("checkpoint", Map.of("then", then.word()), progress), CheckpointResult.class);
  }

  @Override
  public List<EpochVerdict> verify(OptionalInt epoch, Consumer<Progress> progress) {
    return json.treeToValue(
        ask("verify", Map.of("epoch", epoch.orElse(0)), progress), new TypeReference<>() {});
  }

  @Override
  public List<Integer> prune(int keep) {
    return json.treeToValue(
        ask("prune", Map.of("keep", keep), progress -> {}), new TypeReference<>() {});
  }

  @Override
  public List<CheckpointRow> history() {
    return json.treeToValue(ask("history", Map.of(), progress -> {}), new TypeReference<>() {});
  }

  @Override
  public int reindex() {
    return ask("reindex", Map.of(), progress -> {}).asInt();
  }

  @Override
  public void close() {
    connection.close();
  }

  private JsonNode ask(String op, Map<String, Object> fields, Consumer<Progress> progress) {
    try {
      return connection
          .call(op, fields, SILENCE, node -> progress.accept(progress(node)))
          .path(CoordinatorRequests.RESULT);
    } catch (PeerException e) {
      throw failure(e);
    }
  }

  private Failure failure(PeerException e) {
    if (e.kind() == PeerException.Kind.REFUSED) {
      for (ExitCode code : ExitCode.values()) {
        if (code.name().equals(e.code())) {
          return new Failure(code, Reason.of(e), e);
        }
      }
    }
    return new Failure(
        ExitCode.INTERNAL, "%s: %s: try again".formatted(job.label(), Reason.of(e)), e);
  }

  private static Progress progress(JsonNode node) {
    return new Progress(
        node.path("phase").asString(""),
        node.path("bytes").asLong(0),
        node.path("total").asLong(0));
  }
}
