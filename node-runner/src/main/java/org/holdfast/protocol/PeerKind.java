// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

/** {@code enum hf_kind}: who a connection's hello says it is. */
public enum PeerKind {
  /** The checkpoint thread of a process. */
  PROCESS(1),
  /** A frozen copy of a process. */
  SNAPSHOT(2),
  /** The job's initial process. */
  INIT(3),
  /** A process that a restart makes, not yet in its memory. */
  RESTARTING(4);

  private final int code;

  PeerKind(int code) {
    this.code = code;
  }

  static PeerKind of(int code) throws ProtocolException {
    for (PeerKind kind : values()) {
      if (kind.code == code) {
        return kind;
      }
    }
    throw new ProtocolException("peers of kind " + code + " are unknown");
  }

  int code() {
    return code;
  }
}
