/* SPDX-License-Identifier: Apache-2.0 */
/*
 * callnumber.c - the number of a system call, from the code that makes it.
 *
 * The kernel does not tell a signal's handler which call it interrupted. Compilers put the number, a constant, close to
 * the instruction: "mov $nr, %eax" or "xor %eax, %eax", then at most some moves of arguments, then "syscall". Formats:
 * Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, chapter 2.
 */
#include "callnumber.h"

#include <stdint.h>
#include <string.h>

#define MOST_BETWEEN 24
#define EAX 0
#define NOT_A_REGISTER (-1)

/* Behind an opcode: the register field, the register or memory, its displacement. */
struct operands {
	int length, reg, rm; /* rm: NOT_A_REGISTER for memory */
};

static struct operands decode(const unsigned char *modrm, int rex)
{
	int mode = *modrm >> 6, rm = *modrm & 7;
	struct operands o = { 1, (*modrm >> 3 & 7) | (rex & 4) << 1, NOT_A_REGISTER };

	if (mode == 3) {
		o.rm = rm | (rex & 1) << 3;
		return o;
	}
	if (rm == 4) { /* with an index */
		o.length++;
		if (mode == 0 && (modrm[1] & 7) == 5)
			o.length += 4;
	}
	if (mode == 1)
		o.length += 1;
	else if (mode == 2 || (mode == 0 && rm == 5))
		o.length += 4;
	return o;
}

/* The length of a move or an operation between registers, memory and a constant that leaves %eax; 0: another one. */
static int length_of_move(const unsigned char *code)
{
	int rex = (*code & 0xf0) == 0x40 ? *code : 0, prefix = rex ? 1 : 0, target;
	unsigned char op = code[prefix];
	struct operands o = decode(code + prefix + 1, rex);
	int length = prefix + 1 + o.length;

	if (op == 0x89 || (op < 0x40 && (op & 7) == 1)) { /* to register or memory */
		target = o.rm;
	} else if (op == 0x8b || op == 0x8d || op == 0x63 || (op < 0x40 && (op & 7) == 3)) { /* to a register */
		target = o.reg;
	} else if (op == 0x81 || op == 0x83) { /* a constant to register or memory */
		target = o.rm;
		length += op == 0x81 ? 4 : 1;
	} else if (op == 0x80) { /* to a byte: without a prefix, numbers above 3 are the second bytes of 0 to 3 */
		target = o.rm < 0 || rex ? o.rm : o.rm & 3;
		length += 1;
	} else if (op >= 0xb8 && op < 0xc0 && !(rex & 8)) { /* a constant to a register */
		target = op - 0xb8 + ((rex & 1) << 3);
		length = prefix + 5;
	} else {
		return 0;
	}
	return target == EAX ? 0 : length;
}

static int only_moves(const unsigned char *from, const unsigned char *to)
{
	int length;

	for (; from < to; from += length) {
		length = length_of_move(from);
		if (!length)
			return 0;
	}
	return from == to;
}

/* The constant that the instruction which ends here puts into %eax, or -1. */
static long set_before(const unsigned char *end)
{
	uint32_t value;

	/* A prefix would make it another register. */
	if (end[-2] == 0x31 && end[-1] == 0xc0 && (end[-3] & 0xf5) != 0x45)
		return 0;
	if (end[-5] != 0xb8 || (end[-6] & 0xf1) == 0x41)
		return -1;
	memcpy(&value, end - 4, sizeof(value));
	return value < 1024 ? (long)value : -1;
}

long hf_number_in_code(const unsigned char *instruction)
{
	for (int between = 0; between <= MOST_BETWEEN; between++) {
		const unsigned char *end = instruction - between;
		long number = set_before(end);

		if (number >= 0 && only_moves(end, instruction))
			return number;
	}
	return -1;
}
