// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import tools.jackson.databind.JsonNode;

/** What a runner tells about its job. */
sealed interface JobEvent {
  /**
   * The job's processes run.
   *
   * @param remark what their user should know; may be empty
   */
  record Started(String remark) implements JobEvent {}

  /** The root process ended, with this wait status. */
  record Exited(int waitStatus) implements JobEvent {}

  /** No process of the job is left. */
  record Ended() implements JobEvent {}

  /** The job could not be started or restarted. */
  record Failed(String error) implements JobEvent {}

  /** The connection to the runner ended. */
  record Closed() implements JobEvent {}

  /** Something that this version does not know. */
  record Other() implements JobEvent {}

  /** Reads an event line of the runner. */
  static JobEvent of(JsonNode node) {
    return switch (node.path("event").asString("")) {
      case "started" -> new Started(node.path("remark").asString(""));
      case "exited" -> new Exited(node.path("status").asInt(0));
      case "ended" -> new Ended();
      case "failed" -> new Failed(node.path("error").asString("no reason given"));
      default -> new Other();
    };
  }
}
