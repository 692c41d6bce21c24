// SPDX-License-Identifier: Apache-2.0
/*
 * halo - a Jacobi iteration on a plane that is cut into stripes, one for each rank: neighbours exchange their edge rows
 * with a checksum in every step. Rank 0 writes the sum of the plane now and then, and at the end.
 *
 * usage: halo STEPS OUTPUT
 */
#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 512
#define ROWS 128 /* of each rank */
#define MESSAGE (WIDTH + 1)

static int rank, ranks;

static double checksum(const double *row)
{
	uint64_t sum = 0;

	for (int i = 0; i < WIDTH; i++) {
		uint64_t bits;

		memcpy(&bits, &row[i], sizeof(bits));
		sum = sum * 31 + bits;
	}
	return (double)(sum >> 12);
}

static void send_row(const double *row, int to, double *buffer, MPI_Request *request)
{
	memcpy(buffer, row, WIDTH * sizeof(*row));
	buffer[WIDTH] = checksum(row);
	MPI_Isend(buffer, MESSAGE, MPI_DOUBLE, to, 0, MPI_COMM_WORLD, request);
}

static void receive_row(double *row, int from)
{
	double buffer[MESSAGE];

	MPI_Recv(buffer, MESSAGE, MPI_DOUBLE, from, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	if (buffer[WIDTH] != checksum(buffer)) {
		fprintf(stderr, "rank %d: a row from rank %d has another checksum\n", rank, from);
		MPI_Abort(MPI_COMM_WORLD, 1);
	}
	memcpy(row, buffer, WIDTH * sizeof(*row));
}

static void exchange(double plane[ROWS + 2][WIDTH])
{
	static double up[MESSAGE], down[MESSAGE];
	int above = (rank + ranks - 1) % ranks, below = (rank + 1) % ranks;
	MPI_Request requests[2];

	send_row(plane[1], above, up, &requests[0]);
	send_row(plane[ROWS], below, down, &requests[1]);
	/* From the same neighbour on both sides, the row that was sent first comes first. */
	if (above == below) {
		receive_row(plane[ROWS + 1], below);
		receive_row(plane[0], above);
	} else {
		receive_row(plane[0], above);
		receive_row(plane[ROWS + 1], below);
	}
	MPI_Waitall(2, requests, MPI_STATUSES_IGNORE);
}

static void smooth(double plane[ROWS + 2][WIDTH], double next[ROWS + 2][WIDTH])
{
	for (int y = 1; y <= ROWS; y++)
		for (int x = 0; x < WIDTH; x++)
			next[y][x] = 0.25 * (plane[y - 1][x] + plane[y + 1][x] + plane[y][(x + 1) % WIDTH] +
					     plane[y][(x + WIDTH - 1) % WIDTH]);
	memcpy(plane[1], next[1], ROWS * sizeof(plane[0]));
}

static double total(double plane[ROWS + 2][WIDTH])
{
	double own = 0, all = 0;

	for (int y = 1; y <= ROWS; y++)
		for (int x = 0; x < WIDTH; x++)
			own += plane[y][x] * plane[y][x];
	MPI_Allreduce(&own, &all, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
	return all;
}

int main(int argc, char **argv)
{
	static double plane[ROWS + 2][WIDTH], next[ROWS + 2][WIDTH];
	long steps = argc > 2 ? atol(argv[1]) : 0;
	FILE *output = NULL;

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &ranks);
	if (!rank && !(output = fopen(argv[2], "w")))
		MPI_Abort(MPI_COMM_WORLD, 1);
	for (int y = 1; y <= ROWS; y++)
		for (int x = 0; x < WIDTH; x++)
			plane[y][x] = (rank * ROWS + y) * 7919 % 1013 + x * 104729 % 997;
	for (long step = 0; step < steps; step++) {
		exchange(plane);
		smooth(plane, next);
		if (step % 500 == 499) {
			double sum = total(plane);

			if (output)
				fprintf(output, "%ld %.17g\n", step + 1, sum);
		}
	}
	if (output && fclose(output))
		MPI_Abort(MPI_COMM_WORLD, 1);
	MPI_Finalize();
	return 0;
}
