// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import com.github.luben.zstd.util.Native;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import org.jspecify.annotations.Nullable;

/**
 * Loads zstd's native library from the file that the build lays beside this module's jar. zstd-jni
 * alone would unpack it to the folder for temporary files, where a killed process leaves it, and
 * where a site may forbid to execute anything.
 */
final class ZstdLibrary {

  private static final String FILE = "libzstd-jni.so";

  private ZstdLibrary() {}

  /** Does nothing when it is loaded already, or when there is no such file, as in unit tests. */
  static void load() {
    Path library = besideJar(ZstdLibrary.class.getProtectionDomain().getCodeSource());
    if (!Native.isLoaded() && Files.exists(library)) {
      System.load(library.toString());
      Native.assumeLoaded();
    }
  }

  private static Path besideJar(@Nullable CodeSource source) {
    if (source == null) {
      throw new IllegalStateException("classes of no origin");
    }
    try {
      return Path.of(source.getLocation().toURI()).resolveSibling(FILE);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
