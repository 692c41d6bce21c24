/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec.c - put the interceptor back into the environment that an exec gives to the new program (`env -i`, clearenv).
 *
 * The wrappers may run in a vfork child, which shares the parent's memory: they change nothing but their own stack.
 */
#define _GNU_SOURCE
#include "exec.h"

#include <alloca.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine.h"
#include "hold_sends.h"

#define EXPORT __attribute__((visibility("default")))
#define PRELOAD "LD_PRELOAD="
#define SOCKET "HOLDFAST_SOCKET="

typedef int spawn_fn(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
		     char *const[], char *const[]);

static int (*real_execvpe)(const char *, char *const[], char *const[]);
static spawn_fn *real_spawn, *real_spawnp;
static char holdfast_active;

void hf_find_exec(void)
{
	real_execvpe = dlsym(RTLD_NEXT, "execvpe");
	real_spawn = dlsym(RTLD_NEXT, "posix_spawn");
	real_spawnp = dlsym(RTLD_NEXT, "posix_spawnp");
	holdfast_active = 1;
}

static size_t count(char *const list[])
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

/* The index of the variable in env, or -1. */
static long find(char *const env[], const char *name)
{
	for (long n = 0; env && env[n]; n++)
		if (!strncmp(env[n], name, strlen(name)))
			return n;
	return -1;
}

static int is_whole(char *const env[])
{
	long preload = find(env, PRELOAD), socket = find(env, SOCKET);

	/* The socket is another one when a restart's runtime folder is. */
	return !holdfast_active || (preload >= 0 && strstr(env[preload], ENGINE->library) && socket >= 0 &&
				    !strcmp(env[socket] + strlen(SOCKET), ENGINE->socket));
}

static size_t needed(char *const env[])
{
	long preload = find(env, PRELOAD);

	return (count(env) + 3) * sizeof(char *) + sizeof(PRELOAD) + strlen(ENGINE->library) + 2 +
	       (preload < 0 ? 0 : strlen(env[preload])) + sizeof(SOCKET) + strlen(ENGINE->socket);
}

/* Writes env with the interceptor put back to `room`, which holds needed(env) bytes. */
static char **complete(char *const env[], void *room)
{
	char **to = room;
	char *text = (char *)(to + count(env) + 3);
	size_t n = 0;
	long preload = find(env, PRELOAD);

	for (long k = 0; env && env[k]; k++)
		if (k != preload && strncmp(env[k], SOCKET, strlen(SOCKET)))
			to[n++] = env[k];
	to[n++] = text;
	text = stpcpy(stpcpy(text, PRELOAD), ENGINE->library);
	if (preload >= 0 && env[preload][strlen(PRELOAD)])
		text = stpcpy(stpcpy(text, ":"), env[preload] + strlen(PRELOAD));
	to[n++] = ++text;
	stpcpy(stpcpy(text, SOCKET), ENGINE->socket);
	to[n] = NULL;
	return to;
}

#define COMPLETE(env) (is_whole(env) ? (char **)(env) : complete((env), alloca(needed(env))))

/*
 * A stop signal that comes during exec stays pending, and would end the new program, which has no handler yet: it is
 * blocked meanwhile, and the interceptor of the new program throws it away. Returns what a failed exec returns.
 */
static int unless_executed(int (*execute)(const void *), const void *arguments)
{
	uint64_t stop = 1ull << (STOP_SIGNAL - 1), old;
	int ret, error;

	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &stop, &old, 8);
	hf_release_own_sends();
	ret = execute(arguments);
	error = errno;
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &old, NULL, 8);
	errno = error;
	return ret;
}

struct exec_arguments {
	int dir, flags;
	const char *path;
	char *const *argv;
	char *const *env;
};

static int by_execve(const void *arguments)
{
	const struct exec_arguments *a = arguments;

	return (int)syscall(SYS_execve, a->path, a->argv, a->env);
}

static int by_execvpe(const void *arguments)
{
	const struct exec_arguments *a = arguments;

	return real_execvpe(a->path, a->argv, a->env);
}

static int by_execveat(const void *arguments)
{
	const struct exec_arguments *a = arguments;

	return (int)syscall(SYS_execveat, a->dir, a->path, a->argv, a->env, a->flags);
}

EXPORT int execve(const char *path, char *const argv[], char *const env[])
{
	struct exec_arguments a = { .path = path, .argv = argv, .env = COMPLETE(env) };

	return unless_executed(by_execve, &a);
}

EXPORT int execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}

EXPORT int execvpe(const char *file, char *const argv[], char *const env[])
{
	if (!real_execvpe)
		real_execvpe = dlsym(RTLD_NEXT, "execvpe");
	return unless_executed(by_execvpe,
			       &(struct exec_arguments){ .path = file, .argv = argv, .env = COMPLETE(env) });
}

EXPORT int execvp(const char *file, char *const argv[])
{
	return execvpe(file, argv, environ);
}

EXPORT int execveat(int dir, const char *path, char *const argv[], char *const env[], int flags)
{
	struct exec_arguments a = { dir, flags, path, argv, COMPLETE(env) };

	return unless_executed(by_execveat, &a);
}

EXPORT int fexecve(int fd, char *const argv[], char *const env[])
{
	return execveat(fd, "", argv, env, AT_EMPTY_PATH);
}

/* Copies the variable arguments of execl and its kin to an array on the caller's stack. */
#define ARGUMENTS(argv, first, ap)                  \
	size_t argc = 1;                            \
	char **argv;                                \
	va_start(ap, first);                        \
	while (va_arg(ap, char *))                  \
		argc++;                             \
	va_end(ap);                                 \
	argv = alloca((argc + 1) * sizeof(char *)); \
	argv[0] = (char *)(first);                  \
	va_start(ap, first);                        \
	for (size_t n = 1; n <= argc; n++)          \
	argv[n] = va_arg(ap, char *)

EXPORT int execl(const char *path, const char *first, ...)
{
	va_list ap;
	ARGUMENTS(argv, first, ap);
	va_end(ap);
	return execv(path, argv);
}

EXPORT int execlp(const char *file, const char *first, ...)
{
	va_list ap;
	ARGUMENTS(argv, first, ap);
	va_end(ap);
	return execvp(file, argv);
}

EXPORT int execle(const char *path, const char *first, ...)
{
	va_list ap;
	ARGUMENTS(argv, first, ap);
	char *const *env = va_arg(ap, char *const *);
	va_end(ap);
	return execve(path, argv, env);
}

EXPORT int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attributes, char *const argv[], char *const env[])
{
	if (!real_spawn)
		real_spawn = dlsym(RTLD_NEXT, "posix_spawn");
	return real_spawn(pid, path, actions, attributes, argv, COMPLETE(env));
}

EXPORT int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
			const posix_spawnattr_t *attributes, char *const argv[], char *const env[])
{
	if (!real_spawnp)
		real_spawnp = dlsym(RTLD_NEXT, "posix_spawnp");
	return real_spawnp(pid, file, actions, attributes, argv, COMPLETE(env));
}
