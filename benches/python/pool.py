"""Measures Python's process pools against the serial loop in Python.

Prints one row per line: way | time of the serial loop | speed-up. A speed-up is
the median and the minimum of nine rounds.
"""

import multiprocessing
import os
import time

try:
    import joblib
except ImportError:
    joblib = None

ITEMS = 200
ROUNDS = 9


def work(count):
    x = 1
    for _ in range(count):
        x = (x * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
    return x


def steps_per_milli():
    def once():
        start = time.perf_counter()
        work(20_000)
        return 20_000 / (time.perf_counter() - start) / 1e3

    return int(max(once() for _ in range(20)))


def main():
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    items = [steps_per_milli()] * ITEMS
    with multiprocessing.Pool(cores) as pool:
        ways = {
            "loop": lambda: list(map(work, items)),
            "multiprocessing.Pool.map": lambda: pool.map(work, items),
        }
        if joblib:
            parallel = joblib.Parallel(n_jobs=cores)
            ways["joblib.Parallel"] = lambda: parallel(map(joblib.delayed(work), items))
        expected = ways["loop"]()
        times = {way: [] for way in ways}
        # The first round warms up. All rounds compare the results with the serial loop.
        for turn in range(ROUNDS + 1):
            for way, call in ways.items():
                start = time.perf_counter()
                results = call()
                if turn:
                    times[way].append(time.perf_counter() - start)
                assert results == expected, way
    serial = sorted(times["loop"])[ROUNDS // 2]
    for way in list(ways)[1:]:
        ratios = sorted(loop / own for loop, own in zip(times["loop"], times[way]))
        print(f"{way} | {serial * 1e3:.0f} ms | {ratios[ROUNDS // 2]:.2f} ({ratios[0]:.2f})")
    if not joblib:
        print("joblib is not installed")


if __name__ == "__main__":
    main()
