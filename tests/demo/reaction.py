# SPDX-License-Identifier: Apache-2.0
"""Gray-Scott reaction-diffusion, with its spatial spectrum as it develops.

Two worker processes share the grid, each computes a half of every step; a barrier keeps them together. A third process
gets the grid through a queue now and then and adds its power spectrum (FFT) to the result. The main process has a
thread that tells how far it is. The same arguments give the same result file, byte for byte.

usage: reaction.py SIZE STEPS RESULT PROGRESS
"""

import hashlib
import multiprocessing
import sys
import threading

import numpy

WORKERS = 2
SPECTRA = 20
FEED, KILL, DIFFUSION_U, DIFFUSION_V = 0.037, 0.06, 0.16, 0.08


def grid_of(shared, size):
    """Both steps (old, new) of both substances as one array, with a border of one cell around."""
    return numpy.frombuffer(shared).reshape(2, 2, size + 2, size + 2)


def seed(grid):
    """Substance U everywhere, spots of V at places that only the size decides."""
    size = grid.shape[2] - 2
    grid[:, 0] = 1
    grid[:, 1] = 0
    random = numpy.random.default_rng(20)
    for row, column in random.integers(size // 10, size - size // 10, (40, 2)):
        grid[:, 0, row : row + 8, column : column + 8] = 0.5
        grid[:, 1, row : row + 8, column : column + 8] = 0.25


def around(a):
    """The discrete Laplacian of the rows between the first and the last."""
    return a[:-2, 1:-1] + a[2:, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:] - 4 * a[1:-1, 1:-1]


def work(shared, size, steps, part, barrier, done):
    """Computes this worker's rows of every step."""
    grid = grid_of(shared, size)
    first, last = part * size // WORKERS, (part + 1) * size // WORKERS
    rows = slice(first, last + 2)
    inner = slice(first + 1, last + 1)
    for step in range(steps):
        old, new = grid[step % 2], grid[(step + 1) % 2]
        u, v = old[0, inner, 1:-1], old[1, inner, 1:-1]
        reaction = u * v * v
        new[0, inner, 1:-1] = u + DIFFUSION_U * around(old[0, rows]) - reaction + FEED * (1 - u)
        new[1, inner, 1:-1] = v + DIFFUSION_V * around(old[1, rows]) + reaction - (FEED + KILL) * v
        barrier.wait()
        if part == 0:
            done.value = step + 1


def spectra(queue, result):
    """Writes one line for each grid that comes: the power in rings of wave numbers, and a checksum."""
    with open(result, "w", encoding="ascii") as file:
        while (message := queue.get()) is not None:
            step, v = message
            power = numpy.abs(numpy.fft.rfft2(v - v.mean())) ** 2
            vertical = numpy.abs(numpy.fft.fftfreq(v.shape[0], 1 / v.shape[0]))
            ring = numpy.hypot(vertical[:, None], numpy.arange(power.shape[1])[None, :]).astype(int)
            rings = numpy.bincount(ring.ravel(), power.ravel())[:16]
            digest = hashlib.sha256(v.tobytes()).hexdigest()
            print(step, digest, *(f"{ring:.17g}" for ring in rings), file=file, flush=True)


def tell(done, steps, progress, stop):
    """A thread of the main process: the per cent done, in a file."""
    while not stop.wait(0.2):
        with open(progress, "w", encoding="ascii") as file:
            print(100 * done.value // steps, file=file)


def main(size, steps, result, progress):
    """Runs everything; the main process hands the grids from the workers to the spectra."""
    shared = multiprocessing.RawArray("d", 4 * (size + 2) ** 2)
    seed(grid_of(shared, size))
    done = multiprocessing.RawValue("i", 0)
    barrier = multiprocessing.Barrier(WORKERS + 1)
    queue = multiprocessing.Queue(2)
    stop = threading.Event()
    teller = threading.Thread(target=tell, args=(done, steps, progress, stop))
    workers = [
        multiprocessing.Process(target=work, args=(shared, size, steps, part, barrier, done))
        for part in range(WORKERS)
    ]
    writer = multiprocessing.Process(target=spectra, args=(queue, result))
    for process in [*workers, writer]:
        process.start()
    teller.start()
    grid = grid_of(shared, size)
    for step in range(1, steps + 1):
        barrier.wait()
        # The workers are at step + 1, which they write to the other half of the grid.
        if step % (steps // SPECTRA) == 0:
            queue.put((step, grid[step % 2, 1, 1:-1, 1:-1].copy()))
    queue.put(None)
    for process in [*workers, writer]:
        process.join()
    stop.set()
    teller.join()
    sys.exit(any(process.exitcode for process in [*workers, writer]))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4])
