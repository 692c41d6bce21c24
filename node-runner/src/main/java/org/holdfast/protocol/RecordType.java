// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

/** {@code enum hf_rec_type}. */
final class RecordType {
  static final int PROCESS = 1;
  static final int THREAD = 2;
  static final int MAPS = 3;
  static final int FD = 4;
  static final int CHILD = 5;
  static final int SOCKET = 6;
  static final int IPC_ID = 7;
  static final int PTY = 8;
  static final int ADVICE = 9;
  static final int MQUEUE_NAME = 10;
  static final int STREAM = 11;
  static final int COPY_AREA = 16;
  static final int TEE = 17;
  static final int COPY_FILE = 18;
  static final int QUEUE = 19;
  static final int SEGMENT = 20;
  static final int SEMAPHORES = 21;
  static final int MESSAGES = 22;
  static final int UNDO = 23;
  static final int RUNS = 24;
  static final int BLOB = 25;
  static final int MQUEUE = 26;
  static final int NAMED_MQUEUE = 27;
  static final int KEEP_FILE = 28;
  static final int PLAN = 32;
  static final int DESCRIPTION = 33;
  static final int DATA = 34;
  static final int NODE = 35;
  static final int PLACE = 36;
  static final int AREA = 37;
  static final int IPC = 38;

  private RecordType() {}
}
