/* SPDX-License-Identifier: Apache-2.0 */
/* mprotect_changes - an area of pages with a protection each, one of which changes all the time; access is as it says. */
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workload.h"

#define PAGE 4096ul
#define PAGES 200

static char *start;
static int protections[PAGES];
static sigjmp_buf fault;

static void on_fault(int signal_number)
{
	(void)signal_number;
	siglongjmp(fault, 1);
}

static bool can(size_t page, bool write)
{
	volatile char *at = start + page * PAGE;

	if (sigsetjmp(fault, 1))
		return false;
	if (write)
		*at = page;
	else
		SAME((char)page, *at);
	return true;
}

static void protect(size_t page, unsigned kind)
{
	static const int kinds[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC };

	protections[page] = kinds[kind % 4];
	SYS(mprotect(start + page * PAGE, PAGE, protections[page]));
}

int main(void)
{
	unsigned turn = 0;

	signal(SIGSEGV, on_fault);
	start = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(start != MAP_FAILED);
	for (size_t page = 0; page < PAGES; page++) {
		start[page * PAGE] = page;
		protect(page, page);
	}
	workload_ready();
	do {
		for (size_t page = 0; page < PAGES; page++) {
			SAME(!!(protections[page] & PROT_READ), can(page, false));
			SAME(!!(protections[page] & PROT_WRITE), can(page, true));
		}
		for (int n = 0; n < 20; n++, turn++)
			protect(turn * 37 % PAGES, turn * 7919 >> 3);
	} while (workload_goes_on());
	workload_pass();
}
