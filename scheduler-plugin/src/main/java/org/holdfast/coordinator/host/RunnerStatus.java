// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.host;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/**
 * What a node runner says about its job.
 *
 * @param state starting, running, quiesced, writing or ended
 * @param rootPid the root process's number as the job sees it, 0: not started
 * @param processes the processes alive
 * @param exitStatus wait status of the root process, when it has ended
 */
public record RunnerStatus(
    String state, int rootPid, List<LiveProcess> processes, OptionalInt exitStatus) {

  /**
   * A process that is alive.
   *
   * @param pid its number as the job sees it
   * @param hostPid its number on the host
   * @param name its program
   */
  public record LiveProcess(int pid, int hostPid, String name) {}

  /** Copies. */
  public RunnerStatus {
    processes = List.copyOf(processes);
  }

  /** Reads a runner's answer. */
  static RunnerStatus of(JsonNode answer) {
    JsonNode exit = answer.path("exitStatus");
    return new RunnerStatus(
        answer.path("state").asString(""),
        answer.path("rootPid").asInt(0),
        StreamSupport.stream(answer.path("processes").spliterator(), false)
            .map(
                node ->
                    new LiveProcess(
                        node.path("pid").asInt(0),
                        node.path("hostPid").asInt(0),
                        node.path("name").asString("")))
            .toList(),
        exit.isNumber() ? OptionalInt.of(exit.asInt()) : OptionalInt.empty());
  }

  /** Whether the job's root process has ended. */
  public boolean ended() {
    return state.equals("ended");
  }
}
