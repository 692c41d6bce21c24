// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;

/**
 * {@code struct hf_process} and its text.
 *
 * @param pid the process, as the job sees it, like the three that follow
 * @param ppid its parent
 * @param pgid its group
 * @param sid its session
 * @param uid its user
 * @param gid its group of users
 * @param ttyPgrp foreground group of its controlling terminal, 0: it has none
 * @param umask its file mode creation mask
 * @param tty {@code st_rdev} of its controlling terminal, 0: it has none
 * @param entry where a restart goes on
 * @param stack the stack pointer to use there
 * @param exe its executable
 * @param directory its working directory
 */
public record ProcessState(
    int pid,
    int ppid,
    int pgid,
    int sid,
    int uid,
    int gid,
    int ttyPgrp,
    int umask,
    long tty,
    long entry,
    long stack,
    String exe,
    String directory) {

  void write(RecordWriter records) {
    records.add(
        RecordType.PROCESS,
        56,
        to ->
            to.putInt(pid)
                .putInt(ppid)
                .putInt(pgid)
                .putInt(sid)
                .putInt(uid)
                .putInt(gid)
                .putInt(ttyPgrp)
                .putInt(umask)
                .putLong(tty)
                .putLong(entry)
                .putLong(stack),
        exe + "\0" + directory);
  }

  static ProcessState read(RecordReader record) {
    ByteBuffer body = record.body();
    return new ProcessState(
        body.getInt(),
        body.getInt(),
        body.getInt(),
        body.getInt(),
        body.getInt(),
        body.getInt(),
        body.getInt(),
        body.getInt(),
        body.getLong(),
        body.getLong(),
        body.getLong(),
        record.text(),
        record.text());
  }
}
