// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.job;

import java.util.logging.Logger;
import org.holdfast.protocol.Join;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.MessageType;
import org.holdfast.protocol.ProtocolException;
import org.holdfast.protocol.Quiesce;
import org.holdfast.protocol.Quiesced;
import org.holdfast.protocol.Resumed;
import org.holdfast.runner.peer.Peer;
import org.jspecify.annotations.Nullable;

/**
 * A process of the job that has an interceptor, and how far it is with being stopped. Each request
 * to stop is answered once, also when it is taken back before its answer came: so a late answer is
 * never taken for that of a later request. Guarded by the job's lock.
 */
public final class Member {

  /** How far it is. */
  public enum State {
    RUNNING,
    /** Asked to stop. */
    ASKED,
    /** Stopped. */
    HELD,
    /** Asked to stop and then to go on, before it had answered. */
    WITHDRAWN,
    /** Stopped, and told to go on. */
    RELEASED
  }

  private static final Logger LOG = Logger.getLogger(Member.class.getName());

  private final Peer peer;
  private State state;
  private @Nullable Quiesced quiesced;
  private @Nullable Resumed resumed;
  private @Nullable String refusal;

  Member(Peer peer) {
    this.peer = peer;
    state = peer.hello().restarted() ? State.HELD : State.RUNNING;
  }

  /** The way to it. */
  public Peer peer() {
    return peer;
  }

  /** Its number as the job sees it. */
  public int pid() {
    return peer.pid();
  }

  /** How far it is. */
  public State state() {
    return state;
  }

  /** What it told when it stopped, null when it did not. */
  public @Nullable Quiesced quiesced() {
    return quiesced;
  }

  /** What it told when it went on, null when it did not since it was last asked to stop. */
  public @Nullable Resumed resumed() {
    return resumed;
  }

  /** Why it does not stand still, null when it does or was not asked. */
  public @Nullable String refusal() {
    return refusal;
  }

  /** Asks it to stop, if it runs. */
  public void ask(int epoch, Quiesce request) {
    if (state == State.RUNNING) {
      state = State.ASKED;
      quiesced = null;
      resumed = null;
      refusal = null;
      peer.send(request.message(epoch));
    }
  }

  /** Tells it to go on, if it stands still or was asked to. */
  public void release(int epoch) {
    goOn(MessageType.RESUME, epoch);
  }

  /** The same, but to make no connection for a moment. */
  public void letAccept(int epoch) {
    goOn(MessageType.LET_ACCEPT, epoch);
  }

  /** The same, but to send little on its connections until it is asked to stop again. */
  public void letRead(int epoch) {
    goOn(MessageType.LET_READ, epoch);
  }

  private void goOn(MessageType order, int epoch) {
    if (state == State.ASKED || state == State.HELD) {
      state = state == State.ASKED ? State.WITHDRAWN : State.RELEASED;
      peer.send(Message.of(order, epoch));
    }
  }

  /** Takes its answer; other messages are not for here. */
  void received(Message message) throws ProtocolException {
    switch (message.type()) {
      case QUIESCED -> {
        if (state == State.ASKED) {
          quiesced = Quiesced.read(message);
          state = State.HELD;
        } else if (state == State.WITHDRAWN) {
          state = State.RELEASED;
        }
      }
      case REFUSED -> {
        refusal = message.text();
        state = State.RUNNING;
      }
      case RESUMED -> {
        resumed = Resumed.read(message);
        state = State.RUNNING;
      }
      case JOINED -> {
        int error = Join.error(message);
        if (error != 0) {
          LOG.warning(
              "process %d cannot be stopped by the kernel driver (error %d), but by signals"
                  .formatted(pid(), error));
        }
      }
      default -> {}
    }
  }
}
