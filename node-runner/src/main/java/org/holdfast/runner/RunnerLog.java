// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Writes the log to {@code runner.log}, one line for each record. */
final class RunnerLog extends Handler {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

  private final FileChannel file;

  private RunnerLog(FileChannel file) {
    this.file = file;
    setFormatter(
        new Formatter() {
          @Override
          public String format(LogRecord record) {
            return line(record);
          }
        });
  }

  /** Appends to this file from now on. */
  static void open(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    LogManager.getLogManager().reset();
    Logger.getLogger("").addHandler(new RunnerLog(channel));
  }

  @Override
  public void publish(LogRecord record) {
    if (!isLoggable(record)) {
      return;
    }
    try {
      file.write(ByteBuffer.wrap(getFormatter().format(record).getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      // There is nowhere to say that the log cannot be written.
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      // As above.
    }
  }

  private static String line(LogRecord record) {
    String level = record.getLevel().getName();
    String text =
        "%s %-7s %s%n".formatted(TIME.format(record.getInstant()), level, record.getMessage());
    Throwable thrown = record.getThrown();
    if (thrown == null) {
      return text;
    }
    StringWriter trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace));
    return text + trace;
  }
}
