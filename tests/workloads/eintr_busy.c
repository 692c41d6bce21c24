/* SPDX-License-Identifier: Apache-2.0 */
// needs: alone
/*
 * eintr_busy - pairs of threads that wake each other, in bursts, with calls that no SA_RESTART makes again: a
 * stop finds some of them between the program and the call, and these do not return EINTR either.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <unistd.h>

#include "workload.h"

#define PAIRS 8
#define BURST 128 /* turns, then a pause: without it, this alone keeps every other process from running */
enum kind { QUEUE, SEMAPHORES, EPOLL, KINDS };

struct pair {
	enum kind kind;
	int id;			    /* of the System V object */
	int pipes[2][2], epolls[2]; /* the reading end of pipe n is in epoll n */
	atomic_bool ended;
	atomic_long turns;
	pthread_t threads[2];
};

static struct pair pairs[PAIRS];

static void set_up(struct pair *p, enum kind kind)
{
	p->kind = kind;
	if (kind == QUEUE)
		p->id = SYS(msgget(IPC_PRIVATE, 0600));
	if (kind == SEMAPHORES)
		p->id = SYS(semget(IPC_PRIVATE, 2, 0600));
	for (int side = 0; kind == EPOLL && side < 2; side++) {
		SYS(pipe(p->pipes[side]));
		p->epolls[side] = SYS(epoll_create1(0));
		SYS(epoll_ctl(p->epolls[side], EPOLL_CTL_ADD, p->pipes[side][0],
			      &(struct epoll_event){ EPOLLIN, { 0 } }));
	}
}

static void remove_objects(const struct pair *p)
{
	if (p->kind == QUEUE)
		SYS(msgctl(p->id, IPC_RMID, NULL));
	if (p->kind == SEMAPHORES)
		SYS(semctl(p->id, 0, IPC_RMID));
}

static void wake(const struct pair *p, int side)
{
	long message[2] = { 1 + side, 0 };
	struct sembuf up = { (uint16_t)side, 1, 0 };

	if (p->kind == QUEUE)
		SYS(msgsnd(p->id, message, 1, 0));
	else if (p->kind == SEMAPHORES)
		SYS(semop(p->id, &up, 1));
	else
		SAME(1, write(p->pipes[side][1], "w", 1));
}

static void await(const struct pair *p, int side)
{
	struct sembuf down = { (uint16_t)side, -1, 0 };
	struct epoll_event event;
	long message[2];
	char word;

	if (p->kind == QUEUE) {
		SAME(1, msgrcv(p->id, message, 1, 1 + side, 0));
	} else if (p->kind == SEMAPHORES) {
		SYS(semop(p->id, &down, 1));
	} else {
		SAME(1, epoll_pwait(p->epolls[side], &event, 1, -1, NULL));
		SAME(1, read(p->pipes[side][0], &word, 1));
	}
}

static void *leads(void *of)
{
	struct pair *p = of;

	while (!workload_finished()) {
		wake(p, 1);
		await(p, 0);
		if (++p->turns % BURST == 0)
			workload_pause();
	}
	p->ended = true;
	wake(p, 1);
	return NULL;
}

static void *follows(void *of)
{
	struct pair *p = of;

	for (await(p, 1); !p->ended; await(p, 1))
		wake(p, 0);
	return NULL;
}

int main(void)
{
	long before[PAIRS] = { 0 };

	for (int n = 0; n < PAIRS; n++) {
		set_up(&pairs[n], n % KINDS);
		ZERO(pthread_create(&pairs[n].threads[0], NULL, leads, &pairs[n]));
		ZERO(pthread_create(&pairs[n].threads[1], NULL, follows, &pairs[n]));
	}
	workload_ready();
	do {
		for (int n = 0; n < PAIRS; n++) {
			while (pairs[n].turns == before[n])
				workload_pause();
			before[n] = pairs[n].turns;
		}
	} while (workload_goes_on());
	for (int n = 0; n < 2 * PAIRS; n++)
		ZERO(pthread_join(pairs[n / 2].threads[n % 2], NULL));
	for (int n = 0; n < PAIRS; n++)
		remove_objects(&pairs[n]);
	workload_pass();
}
