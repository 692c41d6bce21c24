// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.holdfast.coordinator.host.PrivateFolder;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;

/** Where Holdfast's programs, store, index and runtime folders are, from the environment. */
final class Locations {
  /** The environment variable that the launcher sets; the job does not get to see it. */
  static final String HOME = "HOLDFAST_HOME";

  private final Map<String, String> environment;

  Locations(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /** The folder that Holdfast was built in. */
  Path home() {
    return variable(HOME)
        .map(Path::of)
        .orElseThrow(
            () ->
                new Failure(
                    ExitCode.INTERNAL,
                    "HOLDFAST_HOME is not set: start holdfast by scripts/holdfast"));
  }

  /** The default store. */
  Path defaultStore() {
    return variable("HOLDFAST_STORE")
        .map(Path::of)
        .orElseGet(() -> state().resolve("store"))
        .toAbsolutePath();
  }

  /** The configuration file, whether it exists or not. */
  Path configuration() {
    return variable("HOLDFAST_CONFIG")
        .map(Path::of)
        .orElseGet(
            () ->
                variable("XDG_CONFIG_HOME")
                    .map(Path::of)
                    .orElseGet(() -> Path.of(System.getProperty("user.home"), ".config"))
                    .resolve("holdfast/holdfast.properties"));
  }

  /** A job's state folder: its index and its coordinator's log. It need not exist. */
  Path state(Path store, long job) {
    return state()
        .resolve(isDefault(store) ? "jobs" : "stores/" + name(store))
        .resolve(Long.toString(job));
  }

  /**
   * A job's runtime folder: its sockets. It need not exist.
   *
   * @throws Failure when somebody else has a folder of this name
   */
  Path runtime(Path store, long job) {
    Path root = runtimeRoot();
    if (Files.exists(root)) {
      PrivateFolder.checkOwner(root);
    }
    // Two stores both have a job 1; the name is short, for a socket's must be.
    return (isDefault(store) ? root : root.resolve(name(store).substring(0, 8)))
        .resolve(Long.toString(job));
  }

  private boolean isDefault(Path store) {
    return real(store).equals(real(defaultStore()));
  }

  /** A store's name that is the same however its path is written. */
  private static String name(Path store) {
    return UUID.nameUUIDFromBytes(real(store).toString().getBytes(StandardCharsets.UTF_8))
        .toString();
  }

  private static Path real(Path folder) {
    try {
      return folder.toRealPath();
    } catch (IOException e) {
      return folder.toAbsolutePath().normalize();
    }
  }

  private Path runtimeRoot() {
    return variable("HOLDFAST_RUNTIME")
        .map(Path::of)
        .or(
            () ->
                variable("XDG_RUNTIME_DIR")
                    .map(Path::of)
                    .filter(Files::isWritable)
                    .map(path -> path.resolve("holdfast")))
        .orElseGet(() -> Path.of("/tmp/holdfast-" + PrivateFolder.userId()))
        .toAbsolutePath();
  }

  private Path state() {
    return variable("XDG_STATE_HOME")
        .map(Path::of)
        .orElseGet(() -> Path.of(System.getProperty("user.home"), ".local", "state"))
        .resolve("holdfast");
  }

  private Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }
}
