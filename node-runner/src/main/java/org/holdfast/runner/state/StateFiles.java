// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.holdfast.protocol.IpcObject;
import org.holdfast.protocol.ThreadState;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The JSON entries of an image. */
public final class StateFiles {

  private static final String PROCESS = "process.json";
  private static final String THREADS = "threads.json";
  private static final String DESCRIPTORS = "descriptors.json";
  private static final String IPC = "ipc.json";
  private static final String MAPS = "maps.json";

  /** Entries of message queues that no process has open begin so; the rest is the queue's name. */
  public static final String NAMED_QUEUES = "mqueues/named/";

  private final JsonMapper json =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /**
   * What they hold.
   *
   * @param process the process
   * @param threads its threads
   * @param descriptors its descriptors, ascending
   * @param ipc the job's System V objects
   * @param areas its memory, ascending
   */
  public record Content(
      ProcessFile process,
      List<ThreadState> threads,
      List<OpenDescriptor> descriptors,
      List<IpcObject> ipc,
      List<Area> areas) {}

  /** Gives an entry's bytes by its name. */
  public interface Entries {
    /** The bytes of the entry of this name. */
    byte[] bytes(String name) throws IOException;
  }

  /** The name of the entry that holds a System V object. */
  public static String entry(IpcObject object) {
    return "ipc/%s-%d".formatted(object.kind().name().toLowerCase(Locale.ROOT), object.id());
  }

  /** The name of the entry that holds what is undone in a set of semaphores. */
  public static String undo(IpcObject set) {
    return "undo/" + set.id();
  }

  /** The name of the entry that holds a POSIX message queue which no process has open. */
  public static String queue(String name) {
    return NAMED_QUEUES + name;
  }

  /** The entries, by name. */
  public Map<String, byte[]> write(Content content) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(PROCESS, json.writeValueAsBytes(content.process));
    files.put(THREADS, json.writeValueAsBytes(content.threads));
    files.put(
        DESCRIPTORS,
        json.writerFor(new TypeReference<List<OpenDescriptor>>() {})
            .writeValueAsBytes(content.descriptors));
    files.put(IPC, json.writeValueAsBytes(content.ipc));
    files.put(MAPS, json.writeValueAsBytes(content.areas));
    return files;
  }

  /**
   * Reads them back.
   *
   * @throws Refusal when they are not what {@link #write} gives
   */
  public Content read(Entries entries) throws IOException, Refusal {
    try {
      return new Content(
          json.readValue(entries.bytes(PROCESS), ProcessFile.class),
          json.readValue(entries.bytes(THREADS), new TypeReference<List<ThreadState>>() {}),
          json.readValue(entries.bytes(DESCRIPTORS), new TypeReference<List<OpenDescriptor>>() {}),
          json.readValue(entries.bytes(IPC), new TypeReference<List<IpcObject>>() {}),
          json.readValue(entries.bytes(MAPS), new TypeReference<List<Area>>() {}));
    } catch (JacksonException e) {
      throw new Refusal("an image was written by another version: " + e.getOriginalMessage());
    }
  }
}
