// Measures OpenMP against its own serial loop, with the same work and turns as the Rust contenders.
// Prints one row per line: work | time of the serial loop | speed-up with static scheduling |
// speed-up with dynamic(1) scheduling. A speed-up is the median and the 10th percentile.
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

// `noinline` and the use of the result keep the compiler from removing work and from running two
// items at a time.
__attribute__((noinline)) static uint64_t steps(uint64_t seed, uint64_t count) {
    uint64_t x = seed;
    for (uint64_t i = 0; i < count; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        __asm__ volatile("" : "+r"(x));
    }
    return x;
}

static volatile uint64_t sink;

enum { LOOP, STATIC, DYNAMIC, WAYS };

// One call. It allocates its results, as the Rust contenders do.
static void call(int way, const uint64_t *items, int count) {
    uint64_t *results = malloc(sizeof *results * (size_t)count);
    if (!results) exit(1);
    if (way == LOOP) {
        for (int i = 0; i < count; i++) results[i] = steps(1, items[i]);
    } else if (way == STATIC) {
#pragma omp parallel for schedule(static)
        for (int i = 0; i < count; i++) results[i] = steps(1, items[i]);
    } else {
#pragma omp parallel for schedule(dynamic, 1)
        for (int i = 0; i < count; i++) results[i] = steps(1, items[i]);
    }
    sink = results[count - 1];
    free(results);
}

static int by_size(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double quantile(double *values, int count, double at) {
    qsort(values, (size_t)count, sizeof *values, by_size);
    return values[(int)((count - 1) * at + 0.5)];
}

static void row(const char *name, const uint64_t *items, int count, int repeat, int rounds) {
    double *serial = malloc(sizeof(double) * (size_t)rounds);
    double *ratios[WAYS];
    if (!serial) exit(1);
    for (int way = 0; way < WAYS; way++)
        if (!(ratios[way] = malloc(sizeof(double) * (size_t)rounds))) exit(1);
    // The first two rounds warm up.
    for (int round = -2; round < rounds; round++) {
        double times[WAYS];
        for (int turn = 0; turn < WAYS; turn++) {
            int way = (turn + round + 2) % WAYS;
            double start = omp_get_wtime();
            for (int i = 0; i < repeat; i++) call(way, items, count);
            times[way] = (omp_get_wtime() - start) / repeat;
        }
        if (round < 0) continue;
        serial[round] = times[LOOP];
        for (int way = 0; way < WAYS; way++) ratios[way][round] = times[LOOP] / times[way];
    }
    printf("%s | %.3f ms", name, quantile(serial, rounds, 0.5) * 1e3);
    for (int way = STATIC; way < WAYS; way++) {
        double median = quantile(ratios[way], rounds, 0.5);
        printf(" | %.2f (%.2f)", median, quantile(ratios[way], rounds, 0.1));
    }
    printf("\n");
}

// Measures the steps per microsecond: the maximum of 50 tries, because other programs can only slow
// a try down. This program measures them itself, because the Rust compiler merges steps and the C
// compiler does not.
static double steps_per_micro(void) {
    double most = 0;
    for (int i = 0; i < 50; i++) {
        double start = omp_get_wtime();
        sink = steps(1, 200000);
        double rate = 200000 / ((omp_get_wtime() - start) * 1e6);
        if (rate > most) most = rate;
    }
    return most;
}

int main(void) {
    double micro = steps_per_micro();
    static uint64_t items[1000];
    for (int i = 0; i < 1000; i++) items[i] = (uint64_t)(100.0 * micro);
    row("1000 x 100 us", items, 1000, 1, 9);
    for (int i = 0; i < 1000; i++) items[i] = (uint64_t)(0.2 * i * micro);
    row("ramp up 1000, 100 us on average", items, 1000, 1, 9);
    for (int i = 0; i < 1000; i++) items[i] = (uint64_t)micro;
    row("1000 x 1 us, again and again", items, 1000, 20, 31);
    for (int i = 0; i < 10; i++) items[i] = (uint64_t)(10.0 * micro);
    row("burst of 100 us", items, 10, 50, 51);
    return 0;
}
