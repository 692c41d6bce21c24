// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class CommandTest {

  private static final Path HEADER = Path.of("../kdriver/include/uapi/holdfast.h");

  @Test
  void numbersAreTheHeaders() throws Exception {
    String header = Files.readString(HEADER);
    for (Command command : Command.values()) {
      Matcher line =
          Pattern.compile("HOLDFAST_" + command + "\\s+_IO(W?R?)\\(HOLDFAST_IOC, (\\d+),")
              .matcher(header);
      assertThat(line.find()).as("%s", command).isTrue();
      int direction =
          switch (line.group(1)) {
            case "W" -> 1;
            case "R" -> 2;
            default -> 3;
          };
      assertThat(command.code() >>> 30).as("%s", command).isEqualTo(direction);
      assertThat(command.code() & 0xff)
          .as("%s", command)
          .isEqualTo(Integer.parseInt(line.group(2)));
      assertThat(command.code() >>> 8 & 0xff).isEqualTo(0xb7);
      assertThat(command.code() >>> 16 & 0x3fff).isEqualTo(command.size());
    }
  }

  @Test
  void theInterfacesVersionIsTheHeaders() throws Exception {
    assertThat(Files.readString(HEADER)).contains("#define HOLDFAST_ABI " + Device.ABI + "\n");
  }

  @Test
  void reasonsAreInTheHeadersOrder() throws Exception {
    Matcher names = Pattern.compile("HOLDFAST_REASON_([A-Z_]+),").matcher(Files.readString(HEADER));
    List<String> found = new ArrayList<>();
    while (names.find()) {
      found.add(names.group(1));
    }
    for (int code = 0; code < found.size(); code++) {
      assertThat(StopReason.of(code).name()).isEqualTo(found.get(code));
    }
    assertThat(found).hasSize(StopReason.values().length);
    assertThat(StopReason.of(99)).isEqualTo(StopReason.NONE);
  }

  @Test
  void aRequestIsTheCommandAndItsStruct() {
    ByteBuffer struct = Device.struct(Command.HELLO).putInt(7).putInt(0).flip();
    ByteBuffer request = Device.request(Command.HELLO, struct).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(request.remaining()).isEqualTo(16);
    assertThat(request.getInt()).isEqualTo(0xc008b700);
    assertThat(request.getInt()).isEqualTo(8);
    assertThat(request.getInt()).isEqualTo(7);
  }

  @Test
  void aMemberIsReadAsTheDriverWritesIt() {
    ByteBuffer bytes =
        ByteBuffer.allocate(16)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(100)
            .putInt(7)
            .putInt(2)
            .putInt(3)
            .flip();
    assertThat(DriverMember.read(bytes)).isEqualTo(new DriverMember(100, 7, true, 3));
  }
}
