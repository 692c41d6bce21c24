# SPDX-License-Identifier: Apache-2.0
"""A C program of many files with much to optimize, and its Makefile. usage: sources.py FOLDER FILES"""

import pathlib
import sys

folder, files = pathlib.Path(sys.argv[1]), int(sys.argv[2])
folder.mkdir()
for number in range(files):
    lines = ["#include <stdio.h>", "#include <stdlib.h>", "#include <string.h>"]
    for function in range(45):
        lines += [
            f"static long step_{function}(long x)",
            "{",
            "\tlong table[16];",
            f"\tfor (int n = 0; n < 16; n++) table[n] = x * {function + 3} + n * {number + 1};",
            f"\tfor (int n = 0; n < 64; n++) table[n % 16] ^= table[(n + {function % 15 + 1}) % 16] >> 3;",
            "\treturn table[x & 15];",
            "}",
        ]
    calls = " + ".join(f"step_{function}(x + {function})" for function in range(45))
    lines += [f"long file_{number}(long x) {{ return {calls}; }}"]
    (folder / f"file_{number}.c").write_text("\n".join(lines) + "\n")

main = ["#include <stdio.h>", *(f"long file_{n}(long);" for n in range(files)), "int main(void)", "{"]
main += [f'\tprintf("%ld\\n", file_{n}({n}));' for n in range(files)]
(folder / "main.c").write_text("\n".join([*main, "}", ""]))

objects = " ".join(["main.o", *(f"file_{n}.o" for n in range(files))])
(folder / "Makefile").write_text(
    # -pipe: a temporary file that gcc has deleted since the checkpoint would be missing at a restart.
    f"program: {objects}\n\t$(CC) -o $@ $^\n%.o: %.c\n\t$(CC) -pipe -O2 -c -o $@ $<\n"
)
