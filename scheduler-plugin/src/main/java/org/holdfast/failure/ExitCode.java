// SPDX-License-Identifier: Apache-2.0
package org.holdfast.failure;

/**
 * Exit codes of Holdfast's own failures. A job's own exit status is passed on as it is; 128 plus
 * the signal's number when the job died by a signal.
 */
public enum ExitCode {
  /** Done. */
  OK(0),
  /** The command line is wrong, or names a job that does not exist. */
  USAGE(64),
  /** An image or manifest is damaged, cut short, missing, or of a newer format. */
  BAD_IMAGE(65),
  /** Something cannot be done in the present state of the job; it goes on untouched. */
  REFUSED(69),
  /** Holdfast itself failed. */
  INTERNAL(70),
  /** The store cannot be read or written. */
  STORE(73),
  /** Another command is at work on the job: try again. */
  BUSY(75),
  /** The job's command exists but cannot be executed. */
  NOT_EXECUTABLE(126),
  /** The job's command does not exist. */
  NOT_FOUND(127);

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  /** The process's exit status. */
  public int number() {
    return number;
  }

  /** The exit code for a wait status, as a shell gives it. */
  public static int ofWaitStatus(int status) {
    int signal = status & 0x7f;
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal;
  }
}
