// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON files whose last line but one is the SHA-256 of all bytes before that line, so that a change
 * of any bit is seen. This frame never changes; what is in it carries a schema version.
 */
final class SealedJson {

  private static final byte[] CLOSING = "\n}".getBytes(StandardCharsets.US_ASCII);

  private final JsonMapper mapper = new JsonMapper();

  private record Version(int schema) {}

  /** Replaces {@code file} atomically by {@code record}, which is not empty. */
  void write(Path file, Object record) throws IOException {
    byte[] json = mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(record);
    byte[] open = Arrays.copyOf(json, json.length - CLOSING.length + 2);
    open[open.length - 2] = ',';
    open[open.length - 1] = '\n';
    byte[] seal = seal(open, open.length);
    byte[] sealed = Arrays.copyOf(open, open.length + seal.length);
    System.arraycopy(seal, 0, sealed, open.length, seal.length);
    try {
      PrivateFiles.replace(file, sealed);
    } catch (IOException e) {
      throw StoreException.cannot("write", file, e);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param schema the newest version to accept
   * @throws ImageDamaged when it is missing or not what was written
   * @throws NewerFormat when its version is newer
   */
  <T> T read(Path file, Class<T> type, int schema) throws IOException {
    return decode(file, content(file), type, schema);
  }

  /** As {@link #read}, when {@code content} was read from {@code file} already. */
  <T> T decode(Path file, byte[] content, Class<T> type, int schema) throws StoreException {
    int open = content.length - seal(content, 0).length;
    if (open < 0
        || !Arrays.equals(
            content, open, content.length, seal(content, open), 0, content.length - open)) {
      throw new ImageDamaged(file, "its checksum does not match its content");
    }
    try {
      int found = mapper.readValue(content, Version.class).schema();
      if (found > schema) {
        throw new NewerFormat(file, found, schema);
      }
      return mapper.readValue(content, type);
    } catch (JacksonException e) {
      throw new ImageDamaged(file, "not what it should hold: " + e.getOriginalMessage());
    }
  }

  private static byte[] content(Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new ImageDamaged(file, "it is missing");
    } catch (IOException e) {
      throw StoreException.cannot("read", file, e);
    }
  }

  /** The last two lines for these first {@code length} bytes; always of the same size. */
  private static byte[] seal(byte[] content, int length) {
    var digest = Sha256.digest();
    digest.update(content, 0, length);
    return "  \"sha256\" : \"%s\"\n}\n"
        .formatted(HexFormat.of().formatHex(digest.digest()))
        .getBytes(StandardCharsets.US_ASCII);
  }
}
