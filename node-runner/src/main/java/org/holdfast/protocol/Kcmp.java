// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * {@code struct hf_kcmp}: are two descriptors one open file description?
 *
 * @param pid1 a process, as the job sees it
 * @param fd1 its descriptor
 * @param pid2 another one
 * @param fd2 its descriptor
 */
public record Kcmp(int pid1, int fd1, int pid2, int fd2) {

  private static final int SIZE = 16;

  /** How many questions a message may hold: the interceptor takes half a MiB. */
  public static final int MOST = (512 << 10) / SIZE;

  /** The message that asks; the answers come in the same order. */
  public static Message message(int epoch, List<Kcmp> questions) {
    ByteBuffer payload = Message.buffer(questions.size() * SIZE);
    for (Kcmp question : questions) {
      payload.putInt(question.pid1).putInt(question.fd1).putInt(question.pid2).putInt(question.fd2);
    }
    return new Message(MessageType.KCMP, epoch, payload.flip());
  }

  /** The message that answers. */
  public static Message result(int epoch, boolean... same) {
    ByteBuffer payload = Message.buffer(same.length);
    for (boolean one : same) {
      payload.put((byte) (one ? 1 : 0));
    }
    return new Message(MessageType.KCMP_RESULT, epoch, payload.flip());
  }

  /** Whether the n-th answer of a message of type {@link MessageType#KCMP_RESULT} is yes. */
  public static boolean same(Message result, int n) {
    return result.payload().get(n) != 0;
  }
}
