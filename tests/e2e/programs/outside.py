# SPDX-License-Identifier: Apache-2.0
"""A server of words, and who talks to it: outside.py serve | talk PORT. The server prints its port. The talker counts in
the file `count` until `end` is there; it says so when its connection is reset, and connects anew."""
import os
import socket
import sys
import threading
import time


def answer(connection):
    with connection:
        while word := connection.recv(8, socket.MSG_WAITALL):
            connection.sendall(word)


def serve():
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        threading.Thread(target=answer, args=[listener.accept()[0]], daemon=True).start()


def exchange(connection, count):
    word = b"%08d" % count
    connection.sendall(word)
    assert connection.recv(8, socket.MSG_WAITALL) == word


def talk(port):
    connection = socket.create_connection(("127.0.0.1", port))
    count = 0
    while not os.path.exists("end"):
        try:
            exchange(connection, count)
        except ConnectionResetError:
            print("reset", flush=True)
            connection = socket.create_connection(("127.0.0.1", port))
            continue
        count += 1
        with open("count.new", "w") as file:
            print(count, file=file)
        os.rename("count.new", "count")
        time.sleep(0.01)


if sys.argv[1] == "serve":
    serve()
talk(int(sys.argv[2]))
