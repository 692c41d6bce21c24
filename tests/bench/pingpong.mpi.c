/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pingpong.mpi.c - messages between two ranks of MPI, there and back. usage: pingpong RESULT; writes the time of one way
 * of 8 bytes in ns (median of 200 rounds of 1000), and the bytes a second of 4 MiB (median of 50).
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#define SMALL 8
#define LARGE (4 << 20)

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Median seconds of one way. */
static double one_way(char *buffer, int size, int samples, int rounds, int rank)
{
	double *took = malloc(samples * sizeof(*took)), result;

	for (int s = 0; s < samples; s++) {
		double began = MPI_Wtime();

		for (int n = 0; n < rounds; n++) {
			if (rank == 0)
				MPI_Send(buffer, size, MPI_BYTE, 1, 0, MPI_COMM_WORLD);
			MPI_Recv(buffer, size, MPI_BYTE, !rank, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
			if (rank == 1)
				MPI_Send(buffer, size, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
		}
		took[s] = (MPI_Wtime() - began) / rounds / 2;
	}
	qsort(took, samples, sizeof(*took), compare);
	result = took[samples / 2];
	free(took);
	return result;
}

int main(int argc, char **argv)
{
	char *buffer = calloc(1, LARGE);
	double small, large;
	int rank;

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	small = one_way(buffer, SMALL, 200, 1000, rank);
	large = one_way(buffer, LARGE, 50, 4, rank);
	if (rank == 0) {
		FILE *file = fopen(argv[1], "w");

		if (!file || fprintf(file, "%.0f %.0f\n", small * 1e9, LARGE / large) < 0 || fclose(file))
			MPI_Abort(MPI_COMM_WORLD, 1);
	}
	MPI_Finalize();
	free(buffer);
	return 0;
}
