# SPDX-License-Identifier: Apache-2.0
"""The largest eigenvalue of random symmetric matrices by power iteration. usage: power.py RESULT"""

import sys

import numpy

with open(sys.argv[1], "w", encoding="ascii") as file:
    for seed in range(24):
        random = numpy.random.default_rng(seed)
        matrix = random.standard_normal((900, 900))
        matrix = matrix @ matrix.T
        vector = random.standard_normal(900)
        for _ in range(160):
            vector = matrix @ vector
            length = numpy.linalg.norm(vector)
            vector /= length
        print(f"{length:.17g}", file=file, flush=True)
