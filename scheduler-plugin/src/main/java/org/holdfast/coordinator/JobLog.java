// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.holdfast.coordinator.operation.ManagedJob;

/**
 * The coordinator's log: a file in the job's state folder, which several processes may add to one
 * after another. Nothing is ever logged to the user's terminal.
 */
public final class JobLog extends Handler {
  private static final Logger OURS = Logger.getLogger("org.holdfast");

  private final Path file;
  private final SimpleFormatter messages = new SimpleFormatter();

  private JobLog(Path file) {
    this.file = file;
  }

  /** The file of a job's log. */
  public static Path file(ManagedJob job) {
    return job.state().resolve("coordinator.log");
  }

  /** Sends what is logged in this process to the job's file from now on. */
  public static void open(ManagedJob job) {
    LogManager.getLogManager().reset();
    Logger root = Logger.getLogger("");
    root.setLevel(Level.WARNING);
    OURS.setLevel(Level.INFO);
    root.addHandler(new JobLog(file(job)));
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, error) -> OURS.log(Level.SEVERE, thread.getName() + " failed", error));
  }

  @Override
  public void publish(LogRecord event) {
    StringWriter text = new StringWriter();
    text.append(event.getInstant().toString()).append(' ').append(event.getLevel().getName());
    text.append(' ').append(messages.formatMessage(event)).append('\n');
    if (event.getThrown() != null) {
      event.getThrown().printStackTrace(new PrintWriter(text, true));
    }
    try {
      Files.writeString(
          file, text.toString(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      // The disk may be full: what is logged about must go on, and the terminal is the job's.
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
