/* SPDX-License-Identifier: Apache-2.0 */
/* grant.c - the kernel driver lets a restart choose its process numbers. */
#include "grant.h"

#include <asm/errno.h>
#include <holdfast.h>
#include <linux/fcntl.h>
#include <linux/prctl.h>

#include "join.h"
#include "restart.h"
#include "sys.h"

static int descriptor = -1;
static struct holdfast_token token;

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void read_token(const char *digits)
{
	for (size_t n = 0; n < sizeof(token.bytes); n++) {
		int high = digit(digits[2 * n]), low = high < 0 ? -1 : digit(digits[2 * n + 1]);

		if (low < 0)
			hf_give_up("the kernel driver's token is not whole", "", 0);
		token.bytes[n] = (uint8_t)(high << 4 | low);
	}
}

static long join(void)
{
	struct holdfast_join args = { .token = token };

	return hf_join_group(&args);
}

void hf_take_grant(const char *digits, const char *image)
{
	struct holdfast_grant args = { .timeout_ns = HOLDFAST_GRANT_MAX_NS };
	long ret;

	read_token(digits);
	args.image_fd = (int32_t)sys(__NR_open, image, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (args.image_fd < 0)
		hf_give_up("cannot open the image's folder ", image, args.image_fd);
	ret = join();
	descriptor = (int)ret;
	if (ret >= 0)
		ret = sys(__NR_ioctl, descriptor, HOLDFAST_GRANT, &args);
	if (ret)
		hf_give_up("the kernel driver gives no grant", "", ret);
	sys(__NR_close, args.image_fd);
	/* What gains an ability is not dumpable: the processes of the job were, or say so themselves. */
	sys(__NR_prctl, PR_SET_DUMPABLE, 1);
}

void hf_join_with_grant(int above)
{
	long fd;

	if (descriptor < 0)
		return;
	fd = join();
	if (fd < 0)
		hf_give_up("cannot join the kernel driver's group", "", fd);
	descriptor = (int)sys(__NR_fcntl, fd, F_DUPFD_CLOEXEC, above + 1);
	if (descriptor < 0)
		hf_give_up("too many descriptors: raise the limit on open files", "", descriptor);
	sys(__NR_close, fd);
}

int hf_grant_descriptor(void)
{
	return descriptor;
}

void hf_leave_grant(void)
{
	if (descriptor < 0)
		return;
	sys(__NR_ioctl, descriptor, HOLDFAST_DROP, NULL);
	sys(__NR_close, descriptor);
	descriptor = -1;
}
