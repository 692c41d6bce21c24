# SPDX-License-Identifier: Apache-2.0
"""A server and its client: echo.py ADDRESS PORT. The client counts in the file `count`; when `end` is there, it connects
once more by the address and port that it knows, and both end."""
import os
import socket
import sys
import time

where = (sys.argv[1], int(sys.argv[2]))


def client():
    old = socket.create_connection(where)
    count = 0
    while not os.path.exists("end"):
        word = b"%08d" % count
        old.sendall(word)
        assert old.recv(8, socket.MSG_WAITALL) == word
        count += 1
        with open("count.new", "w") as file:
            print(count, file=file)
        os.rename("count.new", "count")
        time.sleep(0.01)
    assert old.getpeername() == where
    old.close()
    new = socket.create_connection(where)
    new.sendall(b"the last")
    assert new.recv(8, socket.MSG_WAITALL) == b"the last"


def server(listener):
    for _ in range(2):
        connection, _ = listener.accept()
        while word := connection.recv(8, socket.MSG_WAITALL):
            connection.sendall(word)
        connection.close()


listener = socket.create_server(where)
child = os.fork()
if child == 0:
    listener.close()
    client()
    os._exit(0)
server(listener)
print("the client ended with", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
