/* SPDX-License-Identifier: Apache-2.0 */
// needs: processor
/*
 * regs_fpu - registers that live only in loops of assembly: general, SSE and AVX, x87, AVX-512 where there is, flags;
 * and the rounding modes, which must survive calls too.
 */
#include <fenv.h>
#include <pthread.h>
#include <unistd.h>

#include "workload.h"

#define SPINS 400000
#define THREADS 4

/* Gives each register a value of its own, spins, and returns the difference of what is found: 0. */
static uint64_t general(uint64_t seed)
{
	uint64_t difference;

	__asm__ volatile("mov %1, %%rax\n\t"
			 "lea 1(%%rax), %%rbx; lea 2(%%rax), %%rdx; lea 3(%%rax), %%rsi; lea 4(%%rax), %%rdi\n\t"
			 "lea 5(%%rax), %%r8; lea 6(%%rax), %%r9; lea 7(%%rax), %%r10; lea 8(%%rax), %%r11\n\t"
			 "lea 9(%%rax), %%r12; lea 10(%%rax), %%r13; lea 11(%%rax), %%r14; lea 12(%%rax), %%r15\n\t"
			 "mov %2, %%ecx\n\t"
			 "1: pause; dec %%ecx; jnz 1b\n\t"
			 "sub $1, %%rbx; xor %%rax, %%rbx; sub $2, %%rdx; xor %%rax, %%rdx\n\t"
			 "sub $3, %%rsi; xor %%rax, %%rsi; sub $4, %%rdi; xor %%rax, %%rdi\n\t"
			 "sub $5, %%r8; xor %%rax, %%r8; sub $6, %%r9; xor %%rax, %%r9\n\t"
			 "sub $7, %%r10; xor %%rax, %%r10; sub $8, %%r11; xor %%rax, %%r11\n\t"
			 "sub $9, %%r12; xor %%rax, %%r12; sub $10, %%r13; xor %%rax, %%r13\n\t"
			 "sub $11, %%r14; xor %%rax, %%r14; sub $12, %%r15; xor %%rax, %%r15\n\t"
			 "xor %1, %%rax\n\t"
			 "or %%rbx, %%rax; or %%rdx, %%rax; or %%rsi, %%rax; or %%rdi, %%rax\n\t"
			 "or %%r8, %%rax; or %%r9, %%rax; or %%r10, %%rax; or %%r11, %%rax\n\t"
			 "or %%r12, %%rax; or %%r13, %%rax; or %%r14, %%rax; or %%r15, %%rax\n\t"
			 "mov %%rax, %0"
			 : "=m"(difference)
			 : "m"(seed), "i"(SPINS / 10)
			 : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
			   "r15", "cc", "memory");
	return difference;
}

/* Loads all registers of a kind from `in`, spins, stores them to `out`. */
#define KIND(name, isa, each, load, store, ...)                                                     \
	__attribute__((target(isa))) static void name(const char *in, char *out)                    \
	{                                                                                           \
		__asm__ volatile(each(load) "mov %2, %%ecx\n\t1: dec %%ecx; jnz 1b\n\t" each(store) \
				 :                                                                  \
				 : "r"(in), "r"(out), "i"(SPINS)                                    \
				 : "rcx", "cc", "memory", __VA_ARGS__);                             \
	}
#define SIXTEEN(one)                                                                                                  \
	one(0) one(1) one(2) one(3) one(4) one(5) one(6) one(7) one(8) one(9) one(10) one(11) one(12) one(13) one(14) \
		one(15)
#define UPPER(one)                                                                                              \
	one(16) one(17) one(18) one(19) one(20) one(21) one(22) one(23) one(24) one(25) one(26) one(27) one(28) \
		one(29) one(30) one(31)
#define THIRTY_TWO(one) SIXTEEN(one) UPPER(one)
#define EIGHT(one) one(0) one(1) one(2) one(3) one(4) one(5) one(6) one(7)
#define LOAD_X(n) "movdqu " #n "*16(%0), %%xmm" #n "\n\t"
#define STORE_X(n) "movdqu %%xmm" #n ", " #n "*16(%1)\n\t"
#define LOAD_Y(n) "vmovdqu " #n "*32(%0), %%ymm" #n "\n\t"
#define STORE_Y(n) "vmovdqu %%ymm" #n ", " #n "*32(%1)\n\t"
#define LOAD_Z(n) "vmovdqu64 " #n "*64(%0), %%zmm" #n "\n\t"
#define STORE_Z(n) "vmovdqu64 %%zmm" #n ", " #n "*64(%1)\n\t"
#define LOAD_K(n) "kmovq " #n "*8(%0), %%k" #n "\n\t"
#define STORE_K(n) "kmovq %%k" #n ", " #n "*8(%1)\n\t"
#define SIXTEEN_XMM                                                                                                \
	"xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", \
		"xmm13", "xmm14", "xmm15"
#define UPPER_XMM                                                                                                   \
	"xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25", "xmm26", "xmm27", \
		"xmm28", "xmm29", "xmm30", "xmm31"
#define MASKS "k1", "k2", "k3", "k4", "k5", "k6", "k7"

KIND(sse, "sse2", SIXTEEN, LOAD_X, STORE_X, SIXTEEN_XMM)
KIND(avx, "avx2", SIXTEEN, LOAD_Y, STORE_Y, SIXTEEN_XMM)
KIND(avx512, "avx512bw", THIRTY_TWO, LOAD_Z, STORE_Z, SIXTEEN_XMM, UPPER_XMM)
KIND(masks, "avx512bw", EIGHT, LOAD_K, STORE_K, MASKS)

static void vectors(const char *what, void (*kind)(const char *, char *), size_t size, uint64_t seed)
{
	char in[32 * 64], out[32 * 64] = { 0 };

	workload_fill(in, size, seed);
	kind(in, out);
	workload_verify(what, out, size, seed);
}

static void x87(uint64_t seed)
{
	uint64_t in[8], out[8];

	for (int i = 0; i < 8; i++)
		in[i] = (seed * 977 + i) >> 3;
	__asm__ volatile("fildll 0(%0); fildll 8(%0); fildll 16(%0); fildll 24(%0); fildll 32(%0); fildll 40(%0)\n\t"
			 "fildll 48(%0); fildll 56(%0)\n\t"
			 "mov %2, %%ecx\n\t1: dec %%ecx; jnz 1b\n\t"
			 "fistpll 56(%1); fistpll 48(%1); fistpll 40(%1); fistpll 32(%1); fistpll 24(%1)\n\t"
			 "fistpll 16(%1); fistpll 8(%1); fistpll 0(%1)"
			 :
			 : "r"(in), "r"(out), "i"(SPINS)
			 : "rcx", "cc", "memory", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)");
	for (int i = 0; i < 8; i++)
		SAME(in[i], out[i]);
}

/* MXCSR and the x87 control word, also across system calls and with exception flags set. */
static void modes(int mode)
{
	uint32_t mxcsr = 0x1f80 | mode << 13 | 0x8000 | 0x21, got;
	uint16_t control = 0x037f & ~(3 << 8) & ~(3 << 10), x87_got;

	control |= mode << 10;
	__asm__ volatile("ldmxcsr %0; fldcw %1" : : "m"(mxcsr), "m"(control));
	for (int i = 0; i < 2; i++) {
		__asm__ volatile("stmxcsr %0; fnstcw %1" : "=m"(got), "=m"(x87_got));
		SAME(mxcsr, got);
		SAME(control, x87_got);
		SAME(mode, fegetround() >> 10);
		workload_pause();
	}
	__asm__ volatile("fninit");
	fesetenv(FE_DFL_ENV);
}

static void check(uint64_t seed)
{
	SAME(0, general(seed << 32 | seed));
	vectors("SSE register", sse, 16 * 16, seed);
	if (__builtin_cpu_supports("avx2"))
		vectors("AVX register", avx, 16 * 32, seed);
	if (__builtin_cpu_supports("avx512bw")) {
		vectors("AVX-512 register", avx512, 32 * 64, seed);
		vectors("mask register", masks, 8 * 8, seed);
	}
	x87(seed);
	modes(seed % 4);
}

static void *thread(void *seed)
{
	while (!workload_finished())
		check((uint64_t)seed);
	return NULL;
}

int main(void)
{
	pthread_t threads[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		ZERO(pthread_create(&threads[i], NULL, thread, (void *)(i + 17)));
	workload_ready();
	do
		check(99);
	while (workload_goes_on());
	for (int i = 0; i < THREADS; i++)
		ZERO(pthread_join(threads[i], NULL));
	workload_pass();
}
