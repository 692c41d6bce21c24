// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** {@code enum hf_type}. */
public enum MessageType {
  HELLO(1),
  QUIESCED(2),
  SNAPSHOT(3),
  REFUSED(4),
  RESUMED(5),
  KCMP_RESULT(6),
  MAPPED(7),
  STARTED(8),
  EXITED(9),
  EMPTY(10),
  FAILED(11),
  DRAINED(12),
  GATHERED(13),
  ACCEPTED(14),
  JOINED(15),
  QUIESCE(32),
  CAPTURE(33),
  RESUME(34),
  KCMP(35),
  GO(36),
  PLAN(37),
  SIGNAL(38),
  WINDOW(39),
  DETACH(40),
  DRAIN(41),
  GATHER(42),
  LET_ACCEPT(43),
  ACCEPT(44),
  LET_READ(45),
  JOIN(46);

  private static final Map<Integer, MessageType> BY_CODE =
      Arrays.stream(values()).collect(Collectors.toMap(type -> type.code, Function.identity()));

  private final int code;

  MessageType(int code) {
    this.code = code;
  }

  /** The number in the header. */
  public int code() {
    return code;
  }

  /** The type with this number, if there is one. */
  static Optional<MessageType> of(int code) {
    return Optional.ofNullable(BY_CODE.get(code));
  }
}
