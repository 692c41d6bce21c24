/* SPDX-License-Identifier: Apache-2.0 */
/* context.S - what cannot be said in C: saved contexts, threads on their own stacks, calls continued in the handler. */
	.text

/* int hf_context_save(struct context *c) */
	.globl	hf_context_save
	.hidden	hf_context_save
	.type	hf_context_save, @function
hf_context_save:
	movq	%rbx, 0(%rdi)
	movq	%rbp, 8(%rdi)
	movq	%r12, 16(%rdi)
	movq	%r13, 24(%rdi)
	movq	%r14, 32(%rdi)
	movq	%r15, 40(%rdi)
	leaq	8(%rsp), %rax
	movq	%rax, 48(%rdi)
	movq	(%rsp), %rax
	movq	%rax, 56(%rdi)
	xorl	%eax, %eax
	ret
	.size	hf_context_save, . - hf_context_save

/* void hf_context_jump(const struct context *c, int value) */
	.globl	hf_context_jump
	.hidden	hf_context_jump
	.type	hf_context_jump, @function
hf_context_jump:
	movl	%esi, %eax
	movq	0(%rdi), %rbx
	movq	8(%rdi), %rbp
	movq	16(%rdi), %r12
	movq	24(%rdi), %r13
	movq	32(%rdi), %r14
	movq	40(%rdi), %r15
	movq	48(%rdi), %rsp
	jmpq	*56(%rdi)
	.size	hf_context_jump, . - hf_context_jump

/* void hf_call_on_stack(void (*fn)(void *), void *arg, void *stack_top) */
	.globl	hf_call_on_stack
	.hidden	hf_call_on_stack
	.type	hf_call_on_stack, @function
hf_call_on_stack:
	movq	%rdi, %rax
	movq	%rsi, %rdi
	movq	%rdx, %rsp
	andq	$-16, %rsp
	xorl	%ebp, %ebp
	callq	*%rax
	ud2
	.size	hf_call_on_stack, . - hf_call_on_stack

/* long hf_clone(const struct clone_args *args, size_t size, void (*fn)(void *), void *arg): clone3; the new task
   calls fn(arg) on the stack that args give (or, with none, goes on on the caller's), fn must not return. */
	.globl	hf_clone
	.hidden	hf_clone
	.type	hf_clone, @function
hf_clone:
	movq	%rdx, %r8
	movq	%rcx, %r9
	movl	$435, %eax
	syscall
	testq	%rax, %rax
	jnz	1f
	movq	%r9, %rdi
	andq	$-16, %rsp
	xorl	%ebp, %ebp
	callq	*%r8
	ud2
1:	ret
	.size	hf_clone, . - hf_clone

/* long hf_continue_call(long nr, const long args[6], const uint64_t *mask, struct interruption *i)
   Makes the call under the program's signal mask, then blocks all signals again. A stop that comes between
   hf_continue_from and hf_continue_to finds the interruption in rbx and takes the thread back to the barrier
   without a sigreturn, which would make the kernel forget how to continue the call (restart_syscall). */
	.globl	hf_continue_call, hf_continue_from, hf_continue_to
	.hidden	hf_continue_call, hf_continue_from, hf_continue_to
	.type	hf_continue_call, @function
hf_continue_call:
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	movq	%rcx, %rbx
	movq	%rdi, %r12
	movq	%rsi, %r13
	movq	%rdx, %rsi
hf_continue_from:
	movl	$14, %eax
	movl	$2, %edi
	xorl	%edx, %edx
	movl	$8, %r10d
	syscall
	movq	%r12, %rax
	movq	0(%r13), %rdi
	movq	8(%r13), %rsi
	movq	16(%r13), %rdx
	movq	24(%r13), %r10
	movq	32(%r13), %r8
	movq	40(%r13), %r9
	syscall
hf_continue_to:
	movq	%rax, %r12
	movq	$-1, %rax
	pushq	%rax
	movl	$14, %eax
	movl	$2, %edi
	movq	%rsp, %rsi
	xorl	%edx, %edx
	movl	$8, %r10d
	syscall
	popq	%rax
	movq	%r12, %rax
	popq	%r13
	popq	%r12
	popq	%rbx
	ret
	.size	hf_continue_call, . - hf_continue_call

/* The handler of the stop signal returns through this. */
	.globl	hf_sigreturn
	.hidden	hf_sigreturn
	.type	hf_sigreturn, @function
hf_sigreturn:
	movl	$15, %eax
	syscall
	.size	hf_sigreturn, . - hf_sigreturn

/* void hf_return_to(const void *ucontext): goes on with what this signal frame holds. */
	.globl	hf_return_to
	.hidden	hf_return_to
	.type	hf_return_to, @function
hf_return_to:
	movq	%rdi, %rsp
	movl	$15, %eax
	syscall
	.size	hf_return_to, . - hf_return_to

	.section .note.GNU-stack, "", @progbits
