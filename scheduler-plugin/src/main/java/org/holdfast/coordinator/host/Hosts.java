// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.holdfast.coordinator.wire.PeerException;

/** The node runners of a job, by host. */
public final class Hosts implements AutoCloseable {
  /** The only host there is until jobs span several. */
  public static final String LOCAL = "local";

  /** A request to one runner. */
  public interface Request<T> {
    /** Asks and waits for the answer. */
    T ask(RunnerClient runner) throws PeerException;
  }

  private final Map<String, RunnerClient> runners;

  private Hosts(Map<String, RunnerClient> runners) {
    this.runners = runners;
  }

  /**
   * Connects to every runner of a job.
   *
   * @param runtime the job's runtime folder on this host
   * @throws PeerException of kind ABSENT when one is not there: the job does not run
   */
  public static Hosts connect(Path runtime) throws PeerException {
    Map<String, RunnerClient> runners = new LinkedHashMap<>();
    runners.put(LOCAL, RunnerClient.connect(runtime));
    return new Hosts(runners);
  }

  /** Their names. */
  public Set<String> names() {
    return Set.copyOf(runners.keySet());
  }

  /** The runner on one of them. */
  public RunnerClient runner(String host) {
    return Objects.requireNonNull(runners.get(host), host);
  }

  /** Asks every runner; the first failure ends it. */
  public <T> List<T> all(Request<T> request) throws PeerException {
    List<T> answers = new ArrayList<>();
    for (RunnerClient runner : runners.values()) {
      answers.add(request.ask(runner));
    }
    return answers;
  }

  @Override
  public void close() {
    runners.values().forEach(RunnerClient::close);
  }
}
