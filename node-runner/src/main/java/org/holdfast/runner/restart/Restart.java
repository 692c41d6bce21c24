// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.holdfast.image.ChannelMemory;
import org.holdfast.protocol.Engine;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.MessageType;
import org.holdfast.protocol.Namespace;
import org.holdfast.protocol.PeerKind;
import org.holdfast.runner.job.Job;
import org.holdfast.runner.job.Operation;
import org.holdfast.runner.job.Phase;
import org.holdfast.runner.job.ProcView;
import org.holdfast.runner.peer.Peer;
import org.holdfast.runner.state.Reason;
import org.holdfast.runner.state.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * Makes a job again: the initial process gets the plan and makes the processes; each is filled when
 * it has mapped its areas; when all stand at their barriers, all go on.
 */
public final class Restart implements Operation {

  private static final Logger LOG = Logger.getLogger(Restart.class.getName());
  private static final Duration SILENCE = Duration.ofSeconds(60);
  private static final Duration COUNTING = Duration.ofMinutes(30);
  private static final String NUMBER_TAKEN = "cannot make a process with number";
  private static final String THREAD_NUMBER_TAKEN = "cannot give back a thread's number (EEXIST";
  private static final String ADDRESS_TAKEN = "cannot bind again";
  private static final List<String> NO_NAME_SPACE =
      List.of(
          "cannot make a pid name space",
          "cannot map the user into a user name space",
          "cannot mount /proc in a pid name space");

  /** Starts the initial process of a restart. */
  public interface Starter {
    /** Starts it in such name spaces, with this number, for a job whose highest is {@code last}. */
    void start(Namespace namespace, int number, int last, boolean ownNetwork) throws IOException;
  }

  private final Job job;
  private final Starter starter;
  private final boolean root;
  private final int initial;
  private final int last;
  private final Map<Integer, ProcessImage> images = new HashMap<>();
  private final Set<Integer> awaited = new HashSet<>();
  private final ExecutorService fillers = Executors.newFixedThreadPool(2);
  private final Message plan;
  private final ByteBuffer socket;
  private Namespace namespace;
  private boolean ownNetwork;
  private @Nullable Peer init;
  private @Nullable String failure;
  private int filling;

  /** Its processes are being ended, to be made once more. */
  private boolean again;

  /**
   * @param job to be made
   * @param starter starts its initial process
   * @param prepared what is to be made
   * @param folder the job's runtime folder
   */
  public Restart(Job job, Starter starter, Prepared prepared, Path folder) throws IOException {
    this.job = job;
    this.starter = starter;
    root = prepared.root();
    initial = prepared.numbers().initial();
    last = prepared.numbers().last();
    namespace = prepared.plan().namespace();
    plan = prepared.plan().message(folder.resolve("plan"));
    socket = Engine.socket(folder.resolve("job.sock"));
    for (ProcessImage image : prepared.images()) {
      images.put(image.pid(), image);
      awaited.add(image.pid());
    }
  }

  /**
   * Makes the job, which runs when this returns.
   *
   * @throws Refusal when that fails; then nothing of it is left, and the job has failed
   */
  public void run() throws Refusal, IOException, InterruptedException {
    long begin = System.nanoTime();
    job.begin(this);
    try {
      starter.start(namespace, initial, last, ownNetwork);
      awaitAll();
      synchronized (job) {
        job.members().forEach(member -> member.release(0));
        job.end(this);
        job.begun();
      }
      LOG.info(
          "restarted %d processes in %d ms"
              .formatted(images.size(), (System.nanoTime() - begin) / 1_000_000));
    } catch (Refusal | IOException | InterruptedException | RuntimeException e) {
      job.end(this);
      job.fail(Reason.of(e));
      job.kill();
      throw e;
    } finally {
      fillers.shutdownNow();
      for (ProcessImage image : images.values()) {
        image.close();
      }
    }
  }

  /** Waits until every process stands at its barrier. */
  private void awaitAll() throws Refusal, IOException, InterruptedException {
    synchronized (job) {
      long moved = System.nanoTime();
      int left = Integer.MAX_VALUE;
      while (!awaited.isEmpty() || job.started().isEmpty()) {
        if (again && job.isEmpty() && filling == 0) {
          startAgain();
        }
        if (failure != null) {
          throw new Refusal(failure);
        }
        if (job.phase() == Phase.ENDED) {
          throw new Refusal(job.failure().orElse("the job ended while it was restarted"));
        }
        if (filling > 0 || awaited.size() < left) {
          moved = System.nanoTime();
          left = awaited.size();
        }
        if (!job.awaitChange(moved + silence().toNanos())) {
          throw new Refusal(
              "the restart does not go on: %d processes are missing".formatted(awaited.size()));
        }
      }
    }
  }

  private Duration silence() {
    return namespace == Namespace.COUNTED ? COUNTING : SILENCE;
  }

  private void startAgain() throws IOException {
    again = false;
    awaited.addAll(images.keySet());
    job.makeAnew();
    starter.start(namespace, initial, last, ownNetwork);
  }

  @Override
  public boolean endsInit() {
    return again;
  }

  @Override
  public boolean holdsStart() {
    return true;
  }

  @Override
  public boolean initFailed(String reason) {
    if (namespace == Namespace.GRANTED) {
      // A name space can do more, and needs nothing from the driver.
      namespace = Namespace.USER;
      LOG.info(reason + ": trying again in a name space");
    } else if (namespace == Namespace.HOST && reason.startsWith(NUMBER_TAKEN)) {
      namespace = ProcessNumbers.ofItsOwn(root);
      LOG.info(reason + ": trying again in a name space");
    } else if (namespace == Namespace.USER && NO_NAME_SPACE.stream().anyMatch(reason::startsWith)) {
      namespace = Namespace.COUNTED;
      LOG.info(reason + ": counting up to the job's process numbers");
      job.remark(
          "user name spaces are forbidden here: a program of it whose file has changed, or that is statically linked, finds holdfast-restart as /proc/self/exe");
    } else if (!ownNetwork && namespace != Namespace.COUNTED && reason.startsWith(ADDRESS_TAKEN)) {
      ownNetwork = true;
      LOG.info(reason + ": trying again in a network of its own");
      job.remark("it goes on in a network of its own, which nothing outside can reach: " + reason);
    } else {
      return false;
    }
    failure = null;
    init = null;
    try {
      starter.start(namespace, initial, last, ownNetwork);
      return true;
    } catch (IOException e) {
      LOG.log(Level.SEVERE, "cannot start the initial process", e);
      return false;
    }
  }

  @Override
  public void connected(Peer peer) {
    if (peer.hello().kind() == PeerKind.INIT) {
      init = peer;
      peer.send(plan);
    } else if (peer.hello().kind() == PeerKind.PROCESS && peer.hello().restarted()) {
      awaited.remove(peer.pid());
    }
  }

  @Override
  public void received(Peer peer, Message message) {
    if (message.type() == MessageType.MAPPED) {
      filling++;
      fillers.execute(() -> fill(peer));
    } else if (message.type() == MessageType.FAILED && !peer.equals(init)) {
      // While the tree is being made the initial process says so too, and may try again.
      if (job.started().isPresent()) {
        fail(message.text());
      } else {
        LOG.info("process %d: %s".formatted(peer.pid(), message.text()));
      }
    } else if (message.type() == MessageType.REFUSED
        && (namespace == Namespace.HOST || namespace == Namespace.GRANTED)
        && message.text().startsWith(THREAD_NUMBER_TAKEN)) {
      LOG.info("process %d %s: trying again in a name space".formatted(peer.pid(), message.text()));
      namespace = ProcessNumbers.ofItsOwn(root);
      again = true;
      job.kill();
    } else if (message.type() == MessageType.REFUSED) {
      fail("process %d: %s".formatted(peer.pid(), message.text()));
    }
  }

  @Override
  public void closed(Peer peer) {
    if (peer.hello().kind() == PeerKind.PROCESS && images.containsKey(peer.pid())) {
      fail("process %d ended before the job went on".formatted(peer.pid()));
    }
  }

  private void fill(Peer peer) {
    try {
      ProcessImage image = images.get(peer.pid());
      Peer initial = init;
      if (image == null || initial == null) {
        throw new IOException("process %d is not of this job".formatted(peer.pid()));
      }
      try (ChannelMemory memory = memory(initial, peer.pid())) {
        image.readMemory(memory, bytes -> {});
        memory.write(socket.duplicate(), Engine.START);
      }
      peer.send(Message.of(MessageType.GO, 0));
    } catch (IOException e) {
      LOG.log(Level.SEVERE, "cannot fill process " + peer.pid(), e);
      fail("process %d: %s".formatted(peer.pid(), Reason.of(e)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.log(Level.SEVERE, "cannot fill process " + peer.pid(), e);
      fail("process %d cannot be filled: see the log".formatted(peer.pid()));
    } finally {
      synchronized (job) {
        filling--;
      }
      job.wake();
    }
  }

  private ChannelMemory memory(Peer initial, int pid) throws IOException {
    if (namespace == Namespace.GRANTED) {
      return job.driver()
          .orElseThrow(() -> new IOException("a grant without the kernel driver"))
          .memory(pid);
    }
    Path folder = new ProcView(initial.hello().ownPid(), namespace).of(pid);
    return ChannelMemory.open(folder.resolve("mem"), StandardOpenOption.WRITE);
  }

  private void fail(String reason) {
    synchronized (job) {
      if (failure == null && !again) {
        failure = reason;
      }
    }
    job.wake();
  }
}
