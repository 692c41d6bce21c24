// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.control;

import org.holdfast.runner.checkpoint.Progress;
import org.holdfast.runner.state.Refusal;
import tools.jackson.databind.JsonNode;

/**
 * A request.
 *
 * @param fields as it came
 * @param client who asks
 * @param id its number
 */
record Call(JsonNode fields, ControlClient client, long id) {

  /** The operation's name. */
  String op() {
    return fields.path("op").asString("");
  }

  /** A number that must be there. */
  int number(String name) throws Refusal {
    JsonNode value = fields.path(name);
    if (!value.isInt()) {
      throw new Refusal("'%s' needs the number '%s'".formatted(op(), name));
    }
    return value.asInt();
  }

  /** A number that may be left out. */
  int number(String name, int standard) {
    return fields.path(name).asInt(standard);
  }

  /** A text that must be there. */
  String text(String name) throws Refusal {
    JsonNode value = fields.path(name);
    if (!value.isString()) {
      throw new Refusal("'%s' needs the text '%s'".formatted(op(), name));
    }
    return value.asString();
  }

  /** A text that may be left out. */
  String text(String name, String standard) {
    return fields.path(name).asString(standard);
  }

  /** Tells the client how far it is. */
  Progress progress() {
    return (bytes, total) -> client.progress(id, bytes, total);
  }
}
