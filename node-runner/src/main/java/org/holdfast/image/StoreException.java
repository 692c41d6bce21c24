// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Objects;

/** The store or an image cannot be used as asked; the message is one line for the user. */
public class StoreException extends IOException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes one without a cause.
   *
   * @param message what happened, to which file or job, and what to do
   */
  public StoreException(String message) {
    super(message);
  }

  private StoreException(String message, Throwable cause) {
    super(message, cause);
  }

  /** One line, never null. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /** As "cannot write FILE: No space left on device"; what is one already stays as it is. */
  static StoreException cannot(String verb, Path file, IOException cause) {
    return cause instanceof StoreException already
        ? already
        : new StoreException("cannot %s %s: %s".formatted(verb, file, reason(cause)), cause);
  }

  /** The reason alone, where the JDK's message is nothing but a path or missing. */
  static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof FileAlreadyExistsException) {
      return "it exists already";
    }
    if (e instanceof NotDirectoryException) {
      return "not a folder";
    }
    if (e instanceof ClosedChannelException) {
      return "it was closed";
    }
    String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : reason;
  }
}
