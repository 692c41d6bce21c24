// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.driver;

/** {@code enum holdfast_reason}: why a thread cannot be stopped; in its order. */
enum StopReason {
  NONE("for a reason that the driver does not tell"),
  UNINTERRUPTIBLE("it waits for a vfork child or in uninterruptible sleep"),
  TRACED("a debugger has stopped it"),
  INSIDE("it does not leave a wrapper of the interceptor"),
  RUNNING("it has not come to the kernel"),
  CHURN("it makes threads faster than they can be stopped"),
  CREDENTIALS("it has changed its user or capabilities"),
  UNDUMPABLE("it is not dumpable"),
  EXECUTED("it runs another program"),
  KERNEL_THREAD("it has threads of io_uring or vhost"),
  DEADLOCK("it is the node runner itself");

  private final String text;

  StopReason(String text) {
    this.text = text;
  }

  static StopReason of(int code) {
    return code >= 0 && code < values().length ? values()[code] : NONE;
  }

  /** For messages. */
  String text() {
    return text;
  }

  /** Whether signals may stop it all the same: they ask for less. */
  boolean isOfDriver() {
    return this == CREDENTIALS || this == UNDUMPABLE;
  }
}
