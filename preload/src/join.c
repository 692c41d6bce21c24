/* SPDX-License-Identifier: Apache-2.0 */
/* join.c - joins the kernel driver's group. */
#include "join.h"

#include <linux/fcntl.h>

#include "sys.h"

long hf_join_group(const struct holdfast_join *args)
{
	struct holdfast_hello hello = { .abi = HOLDFAST_ABI };
	long fd = sys(__NR_open, HOLDFAST_DEVICE, O_RDWR | O_CLOEXEC), ret;

	if (fd < 0)
		return fd;
	ret = sys(__NR_ioctl, fd, HOLDFAST_HELLO, &hello);
	if (!ret)
		ret = sys(__NR_ioctl, fd, HOLDFAST_JOIN, args);
	if (!ret)
		return fd;
	sys(__NR_close, fd);
	return ret;
}
