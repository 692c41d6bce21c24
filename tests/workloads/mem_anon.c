/* SPDX-License-Identifier: Apache-2.0 */
// needs: processor
/*
 * mem_anon - anonymous areas of many sizes and protections keep their content; pages never touched are zero; guard
 * pages and holes still fault, each with its own code.
 */
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workload.h"

#define PAGE 4096ul
#define AREAS 40

static struct area {
	char *start;
	size_t pages, touched;
	int protection;
} areas[AREAS];
static char *hole, *code;
static sigjmp_buf fault;
static volatile int fault_code;
static char *volatile fault_address;

static void on_fault(int signal_number, siginfo_t *info, void *ignored)
{
	(void)signal_number, (void)ignored;
	fault_code = info->si_code;
	fault_address = info->si_addr;
	siglongjmp(fault, 1);
}

static void must_fault(char *address, bool write, int code_expected)
{
	if (!sigsetjmp(fault, 1)) {
		if (write)
			*(volatile char *)address = 1;
		else
			(void)*(volatile char *)address;
		FAIL("%s of %p does not fault", write ? "write" : "read", (void *)address);
	}
	SAME((intptr_t)address, (intptr_t)fault_address);
	SAME(code_expected, fault_code);
}

/* The first half of an area is touched. Around it are guard pages without access. */
static void make(int i)
{
	static const int protections[] = { PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE, PROT_READ | PROT_EXEC };
	struct area *a = &areas[i];

	a->pages = 2 + (i * i) % 300;
	a->touched = a->pages / 2;
	a->protection = protections[i % 4];
	a->start = mmap(NULL, (a->pages + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(a->start != MAP_FAILED);
	a->start += PAGE;
	SYS(mprotect(a->start, a->pages * PAGE, PROT_READ | PROT_WRITE));
	workload_fill(a->start, a->touched * PAGE, i);
	SYS(mprotect(a->start, a->pages * PAGE, a->protection));
}

static void check(int i)
{
	static const char zero[PAGE];
	struct area *a = &areas[i];

	must_fault(a->start - 1, false, SEGV_ACCERR);
	must_fault(a->start + a->pages * PAGE, true, SEGV_ACCERR);
	if (a->protection == PROT_NONE) {
		must_fault(a->start, false, SEGV_ACCERR);
		SYS(mprotect(a->start, a->pages * PAGE, PROT_READ));
	} else if (!(a->protection & PROT_WRITE))
		must_fault(a->start, true, SEGV_ACCERR);
	workload_verify("anonymous area", a->start, a->touched * PAGE, i);
	for (size_t page = a->touched; page < a->pages; page += 10)
		CHECK(!memcmp(a->start + page * PAGE, zero, PAGE));
	if (a->protection == PROT_NONE)
		SYS(mprotect(a->start, a->pages * PAGE, PROT_NONE));
}

static void make_code(void)
{
	static const unsigned char returns_42[] = { 0xb8, 42, 0, 0, 0, 0xc3 };

	code = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memcpy(code, returns_42, sizeof(returns_42));
	SYS(mprotect(code, PAGE, PROT_EXEC));
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	SYS(sigaction(SIGSEGV, &action, NULL));
	for (int i = 0; i < AREAS; i++)
		make(i);
	make_code();
	hole = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	SYS(munmap(hole + PAGE, PAGE));
	workload_ready();
	do {
		for (int i = 0; i < AREAS; i++)
			check(i);
		must_fault(hole + PAGE, true, SEGV_MAPERR);
		SAME(42, ((int (*)(void))code)());
	} while (workload_goes_on());
	workload_pass();
}
