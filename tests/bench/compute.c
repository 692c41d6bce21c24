/* SPDX-License-Identifier: Apache-2.0 */
/* compute.c - a loop of arithmetic. usage: compute MILLIONS */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	long rounds = argc > 1 ? atol(argv[1]) * 1000000 : 0;
	double x = 0.5;

	for (long n = 0; n < rounds; n++)
		x = 3.9 * x * (1 - x);
	printf("%.3f\n", x);
	return 0;
}
