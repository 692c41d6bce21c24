// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Folders named by a positive number and perhaps a suffix, as jobs and epochs are. */
final class NumberedFolders {

  private NumberedFolders() {}

  /** The numbers of the folders named so, ascending; none when {@code parent} does not exist. */
  static List<Long> in(Path parent, String suffix) throws IOException {
    List<Long> numbers = new ArrayList<>();
    try (DirectoryStream<Path> children = Files.newDirectoryStream(parent)) {
      for (Path child : children) {
        String name = child.getFileName().toString();
        if (name.matches("[1-9][0-9]{0,17}" + suffix) && Files.isDirectory(child)) {
          numbers.add(Long.parseLong(name, 0, name.length() - suffix.length(), 10));
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw StoreException.cannot("read", parent, e);
    }
    Collections.sort(numbers);
    return numbers;
  }

  /** The largest number; 0 when there is none. */
  static long largest(Path parent, String suffix) throws IOException {
    List<Long> numbers = in(parent, suffix);
    return numbers.isEmpty() ? 0 : numbers.get(numbers.size() - 1);
  }
}
