/* SPDX-License-Identifier: Apache-2.0 */
/* filtered - counts in the file `count`, under a seccomp filter that allows all, until the file `end` is there. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(void)
{
	struct sock_filter allow = { BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW };
	struct sock_fprog filter = { 1, &allow };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		return 1;
	for (int count = 1; access("end", F_OK); count++) {
		FILE *file = fopen("count", "w");

		if (!file)
			return 1;
		fprintf(file, "%d\n", count);
		fclose(file);
		usleep(10000);
	}
	return 0;
}
