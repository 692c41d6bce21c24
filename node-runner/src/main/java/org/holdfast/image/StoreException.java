// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;

/** The store or an image cannot be used as asked; the message is one line for the user. */
public class StoreException extends IOException {

  private static final long serialVersionUID = 1L;

  /**
   * @param message what happened, to which file or job, and what to do
   */
  public StoreException(String message) {
    super(message);
  }

  /**
   * @param message as above
   * @param cause for the log
   */
  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
