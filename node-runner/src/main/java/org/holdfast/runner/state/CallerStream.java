// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.List;
import java.util.Optional;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.PlanDescription;

/**
 * A pipe or socket that is a standard stream of whoever started the job: a restart takes the new
 * caller's instead.
 *
 * @param flags status flags and access mode
 * @param stream 0, 1 or 2
 */
public record CallerStream(int flags, int stream) implements Description {

  static Optional<Description> recognise(DescriptorState fd, JobView job) {
    List<String> streams = job.streams();
    if ((!FileType.FIFO.is(fd) && !FileType.SOCKET.is(fd)) || !streams.contains(fd.link())) {
      return Optional.empty();
    }
    boolean usual = fd.fd() < streams.size() && streams.get(fd.fd()).equals(fd.link());
    return Optional.of(new CallerStream(fd.flags(), usual ? fd.fd() : streams.indexOf(fd.link())));
  }

  @Override
  public PlanDescription plan(ObjectNumbers numbers) {
    return new PlanDescription(PlanDescription.Kind.STREAM, flags, -1, stream, 0, "");
  }
}
