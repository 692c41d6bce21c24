// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

/** Whose process numbers a job has. */
public enum Namespace {
  /** The host's. */
  HOST(0),
  /** Those of a pid name space of its own. */
  PID(1),
  /** Those of a pid name space inside a user name space of its own: needs no privilege. */
  USER(2),
  /** The host's, where none may be chosen: a restart counts up to them. The job then has HOST. */
  COUNTED(3),
  /** The host's, where the kernel driver lets a restart choose them. The job then has HOST. */
  GRANTED(4);

  private final int code;

  Namespace(int code) {
    this.code = code;
  }

  static Namespace of(int code) throws ProtocolException {
    for (Namespace namespace : values()) {
      if (namespace.code == code) {
        return namespace;
      }
    }
    throw new ProtocolException("name spaces of kind " + code + " are unknown");
  }

  /** Whether processes have the numbers that the host's others see. */
  public boolean isHost() {
    return this == HOST || this == COUNTED || this == GRANTED;
  }

  /** The number on the wire. */
  public int code() {
    return code;
  }
}
