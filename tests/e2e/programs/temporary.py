# SPDX-License-Identifier: Apache-2.0
"""A folder with a file of 512 pages (more than is kept of a file that is open), each of one byte's value, which is mapped
shared and written; with a FIFO that holds a word; and with a socket that listens. When the file `delete` is there, the
socket is connected to, and the folder is deleted. When `end` is there, the sum over all bytes and the word go to the file
`result`. usage: temporary.py FOLDER"""

import mmap
import os
import shutil
import socket
import sys
import time

PAGE = 4096


def mapped(path):
    with open(path, "w+b") as file:
        file.truncate(512 * PAGE)
        memory = mmap.mmap(file.fileno(), 0)
    for page in range(512):
        memory[page * PAGE : (page + 1) * PAGE] = bytes([page % 256]) * PAGE
    return memory


def fifo(path):
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDWR)
    os.write(descriptor, b"word")
    return descriptor


def listening(path):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    return listener


def connect(path, listener):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
        listener.accept()[0].close()


def wait_for(path):
    while not os.path.exists(path):
        time.sleep(0.01)


def main():
    folder = sys.argv[1]
    os.mkdir(folder)
    memory, pipe = mapped(folder + "/mapped"), fifo(folder + "/fifo")
    listener = listening(folder + "/socket")
    open("made", "w", encoding="ascii").close()
    wait_for("delete")
    connect(folder + "/socket", listener)
    shutil.rmtree(folder)
    wait_for("end")
    with open("result", "w", encoding="ascii") as file:
        print(sum(memory[:]), os.read(pipe, 100).decode(), file=file)


main()
