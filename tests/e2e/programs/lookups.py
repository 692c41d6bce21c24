# SPDX-License-Identifier: Apache-2.0
"""Looks up a user, a group, a host and a service again and again, until the file `end` is there. The file `mapped` tells
whether the cache of the name service is mapped, `count` how often all had the same answer."""

import grp
import os
import pwd
import socket
import time


def look_up():
    return (
        pwd.getpwnam("daemon").pw_uid,
        grp.getgrnam("daemon").gr_gid,
        socket.gethostbyname("localhost"),
        socket.getservbyname("http"),
    )


def main():
    first, count = look_up(), 0
    with open("/proc/self/maps", encoding="ascii") as maps, open("mapped", "w", encoding="ascii") as file:
        print("nscd/" in maps.read(), file=file)
    while not os.path.exists("end"):
        assert look_up() == first, look_up()
        count += 1
        with open("count", "w", encoding="ascii") as file:
            print(count, file=file)
        time.sleep(0.01)


main()
