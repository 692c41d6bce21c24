/* SPDX-License-Identifier: Apache-2.0 */
// driver: signals
// needs: host-root
/* dumpable - a process that has made itself undumpable stays so, and one that has not, too. */
#include <sys/prctl.h>
#include <unistd.h>

#include "workload.h"

int main(void)
{
	pid_t child = SYS(fork());
	int dumpable = child ? 1 : 0;

	SYS(prctl(PR_SET_DUMPABLE, dumpable));
	if (!child) {
		while (!workload_finished()) {
			SAME(0, prctl(PR_GET_DUMPABLE));
			workload_pause();
		}
		_exit(0);
	}
	workload_ready();
	do
		SAME(dumpable, prctl(PR_GET_DUMPABLE));
	while (workload_goes_on());
	workload_reap(child, EXITED(0));
	workload_pass();
}
