// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/holdfast: what an open file may do
 */
#include <linux/file.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "internal.h"

/* What an open file is; set once. */
enum hf_role { HF_NOTHING, HF_CONTROLLER, HF_MEMBER, HF_MEMORY };

/* An open file of the device. */
struct hf_file {
	struct mutex lock;		/* of what the file is, and of its reply */
	/* Under lock. Constant once `role` is set: read without the lock then. */
	bool greeted;
	enum hf_role role;
	struct hf_group *group;		/* held */
	struct hf_member *member;	/* of HF_MEMBER: owned until release */
	struct hf_memory *memory;	/* of HF_MEMORY: owned */
	/* Under lock: what read() gives after a written command. */
	void *reply;			/* owned */
	size_t reply_size;
};

/* The arguments of any command. */
union hf_args {
	struct holdfast_hello hello;
	struct holdfast_token token;
	struct holdfast_add add;
	struct holdfast_stop stop;
	struct holdfast_resume resume;
	struct holdfast_list list;
	struct holdfast_regset regset;
	struct holdfast_signals signals;
	struct holdfast_join join;
	struct holdfast_grant grant;
	struct holdfast_memory memory;
};

#define HF_MOST_REPLY (16UL << 20)

long hf_emit(const struct hf_sink *sink, size_t index, const void *from, size_t size)
{
	size_t at = index * size;

	if (at >= sink->size || sink->size - at < size)
		return 0;
	if (sink->kernel)
		memcpy(sink->kernel + at, from, size);
	else if (copy_to_user(sink->user + at, from, size))
		return -EFAULT;
	return 0;
}

static int hf_open(struct inode *inode, struct file *filp)
{
	struct hf_file *file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);

	if (!file)
		return -ENOMEM;
	mutex_init(&file->lock);
	filp->private_data = file;
	/* read() and write() get no position, unlike pread() and pwrite(). */
	filp->f_mode |= FMODE_STREAM;
	return 0;
}

static int hf_release(struct inode *inode, struct file *filp)
{
	struct hf_file *file = filp->private_data;

	if (file->role == HF_CONTROLLER)
		hf_group_close(file->group);
	if (file->role == HF_MEMBER)
		hf_group_leave(file->group, file->member);
	if (file->role == HF_MEMORY)
		hf_memory_close(file->memory);
	if (file->group)
		hf_group_put(file->group);
	kvfree(file->reply);
	kfree(file);
	return 0;
}

static long hf_hello(struct hf_file *file, struct holdfast_hello *hello)
{
	bool same = hello->abi == HOLDFAST_ABI;

	hello->abi = HOLDFAST_ABI;
	hello->features = hf_grants ? HOLDFAST_FEATURE_GRANT : 0;
	if (!same)
		return -EPROTO;
	file->greeted = true;
	return 0;
}

static long hf_create(struct hf_file *file, struct holdfast_token *token)
{
	struct hf_group *group = hf_group_create();

	if (IS_ERR(group))
		return PTR_ERR(group);
	*token = group->token;
	file->group = group;
	file->role = HF_CONTROLLER;
	return 0;
}

static long hf_join(struct hf_file *file, const struct holdfast_join *args)
{
	struct hf_member *member = hf_group_join(args, &file->group);

	if (IS_ERR(member))
		return PTR_ERR(member);
	file->member = member;
	file->role = HF_MEMBER;
	return 0;
}

static long hf_become_memory(struct hf_file *file, const struct holdfast_memory *args)
{
	struct hf_memory *memory = hf_memory_open(args, &file->group);

	if (IS_ERR(memory))
		return PTR_ERR(memory);
	file->memory = memory;
	file->role = HF_MEMORY;
	return 0;
}

/* Of calls that make the file what it is. */
static long hf_begin(struct hf_file *file, unsigned int cmd, union hf_args *args)
{
	lockdep_assert_held(&file->lock);
	if (cmd == HOLDFAST_HELLO)
		return hf_hello(file, &args->hello);
	if (!file->greeted)
		return -EPROTO;
	if (file->role)
		return -EBUSY;
	if (cmd == HOLDFAST_CREATE)
		return hf_create(file, &args->token);
	if (cmd == HOLDFAST_JOIN)
		return hf_join(file, &args->join);
	return hf_become_memory(file, &args->memory);
}

/* Only the owner, or an administrator, whoever was given the file. */
bool hf_is_owner(const struct hf_group *group)
{
	return uid_eq(current_uid(), group->owner) ||
	       ns_capable(group->user_ns, CAP_SYS_ADMIN);
}

static long hf_control(struct hf_group *group, unsigned int cmd, union hf_args *args,
		       const struct hf_sink *sink)
{
	if (!hf_is_owner(group))
		return -EPERM;
	switch (cmd) {
	case HOLDFAST_ADD:
		return hf_group_add(group, &args->add);
	case HOLDFAST_STOP:
		return hf_stop_group(group, &args->stop);
	case HOLDFAST_RESUME:
		hf_resume_group(group, &args->resume);
		return 0;
	case HOLDFAST_MEMBERS:
		return hf_group_members(group, &args->list, sink);
	case HOLDFAST_THREADS:
		return hf_list_threads(group, &args->list, sink);
	case HOLDFAST_REGSET:
		return hf_read_regset(group, &args->regset, sink);
	case HOLDFAST_SIGNALS:
		return hf_read_signals(group, &args->signals, sink);
	case HOLDFAST_FILES:
		return hf_list_files(group, &args->list, sink);
	case HOLDFAST_AREAS:
		return hf_list_areas(group, &args->list, sink);
	case HOLDFAST_REVOKE:
		hf_revoke_grant(group);
		return 0;
	default:
		return -ENOTTY;
	}
}

/* Whether current is of the process whose thread `nr` is. */
static bool hf_is_own(s32 nr)
{
	struct task_struct *task;
	bool own;

	rcu_read_lock();
	task = nr > 0 ? pid_task(find_vpid(nr), PIDTYPE_PID) : NULL;
	own = task && same_thread_group(task, current);
	rcu_read_unlock();
	return own;
}

/* What a member may ask, all about its own process. */
static long hf_serve_member(struct hf_file *file, unsigned int cmd, union hf_args *args,
			    const struct hf_sink *sink)
{
	switch (cmd) {
	case HOLDFAST_GRANT:
		return hf_give_grant(file->group, file->member, &args->grant);
	case HOLDFAST_DROP:
		return hf_drop_grant(file->group);
	case HOLDFAST_RESUME:
		return hf_resume_own(file->group, file->member, &args->resume);
	case HOLDFAST_THREADS:
		return hf_is_own(args->list.pid) ?
		       hf_list_threads(file->group, &args->list, sink) : -EPERM;
	case HOLDFAST_REGSET:
		return hf_is_own(args->regset.tid) ?
		       hf_read_regset(file->group, &args->regset, sink) : -EPERM;
	case HOLDFAST_SIGNALS:
		return hf_is_own(args->signals.tid) ?
		       hf_read_signals(file->group, &args->signals, sink) : -EPERM;
	default:
		return -EPERM;
	}
}

static long hf_dispatch(struct hf_file *file, unsigned int cmd, union hf_args *args,
			const struct hf_sink *sink)
{
	enum hf_role role;
	long ret = 0;

	mutex_lock(&file->lock);
	if (cmd == HOLDFAST_HELLO || cmd == HOLDFAST_CREATE || cmd == HOLDFAST_JOIN ||
	    cmd == HOLDFAST_MEMORY) {
		ret = hf_begin(file, cmd, args);
		mutex_unlock(&file->lock);
		return ret;
	}
	role = file->role;
	if (!role)
		ret = file->greeted ? -ENOTCONN : -EPROTO;
	mutex_unlock(&file->lock);
	if (ret)
		return ret;
	if (role == HF_MEMBER)
		return hf_serve_member(file, cmd, args, sink);
	if (role != HF_CONTROLLER || cmd == HOLDFAST_GRANT || cmd == HOLDFAST_DROP)
		return -EPERM;
	return hf_control(file->group, cmd, args, sink);
}

static bool hf_is_command(unsigned int cmd)
{
	static const unsigned int commands[] = {
		HOLDFAST_HELLO, HOLDFAST_CREATE, HOLDFAST_ADD, HOLDFAST_STOP,
		HOLDFAST_RESUME, HOLDFAST_MEMBERS, HOLDFAST_THREADS, HOLDFAST_REGSET,
		HOLDFAST_SIGNALS, HOLDFAST_FILES, HOLDFAST_AREAS, HOLDFAST_REVOKE,
		HOLDFAST_JOIN, HOLDFAST_GRANT, HOLDFAST_DROP, HOLDFAST_MEMORY,
	};

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i] == cmd)
			return true;
	return false;
}

/* Where the command's list or buffer goes, and how long it may be. */
static struct hf_sink hf_sink_of(unsigned int cmd, const union hf_args *args)
{
	size_t count = args->list.count;
	u64 address = args->list.array;
	size_t size = 0;

	switch (cmd) {
	case HOLDFAST_MEMBERS:
		size = sizeof(struct holdfast_member);
		break;
	case HOLDFAST_THREADS:
		size = sizeof(struct holdfast_thread);
		break;
	case HOLDFAST_FILES:
		size = sizeof(struct holdfast_file);
		break;
	case HOLDFAST_AREAS:
		size = sizeof(struct holdfast_area);
		break;
	case HOLDFAST_SIGNALS:
		size = sizeof(siginfo_t);
		break;
	case HOLDFAST_REGSET:
		size = 1;
		break;
	}
	return (struct hf_sink) {
		.user = u64_to_user_ptr(address),
		.size = size * count,
	};
}

static long hf_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;
	union hf_args args = {};
	struct hf_sink sink;
	long ret;

	/* Also bounds _IOC_SIZE(). */
	if (!hf_is_command(cmd))
		return -ENOTTY;
	if (_IOC_DIR(cmd) & _IOC_WRITE && copy_from_user(&args, user, _IOC_SIZE(cmd)))
		return -EFAULT;
	sink = hf_sink_of(cmd, &args);
	ret = hf_dispatch(filp->private_data, cmd, &args, &sink);
	/* Also of calls that fail: they say why. */
	if (_IOC_DIR(cmd) & _IOC_READ && copy_to_user(user, &args, _IOC_SIZE(cmd)) && !ret)
		ret = -EFAULT;
	return ret;
}

/* Keeps the reply of a written command for read(); owns it from here on. */
static void hf_keep_reply(struct hf_file *file, void *reply, size_t size)
{
	void *old;

	mutex_lock(&file->lock);
	old = file->reply;
	file->reply = reply;
	file->reply_size = size;
	mutex_unlock(&file->lock);
	kvfree(old);
}

static ssize_t hf_run_command(struct hf_file *file, const char __user *buf, size_t size)
{
	struct holdfast_command command;
	union hf_args args = {};
	struct hf_sink sink;
	char *reply;
	long ret;

	if (size < sizeof(command))
		return -EINVAL;
	if (copy_from_user(&command, buf, sizeof(command)))
		return -EFAULT;
	if (!hf_is_command(command.command))
		return -ENOTTY;
	if (command.size != _IOC_SIZE(command.command) ||
	    command.size != size - sizeof(command))
		return -EINVAL;
	if (copy_from_user(&args, buf + sizeof(command), command.size))
		return -EFAULT;
	sink = hf_sink_of(command.command, &args);
	if (sink.size > HF_MOST_REPLY)
		return -EINVAL;
	/* Zeroed: a list may be shorter than there is room for. */
	reply = kvzalloc(command.size + sink.size + 1, GFP_KERNEL_ACCOUNT);
	if (!reply)
		return -ENOMEM;
	sink.kernel = reply + command.size;
	ret = hf_dispatch(file, command.command, &args, &sink);
	memcpy(reply, &args, command.size);
	hf_keep_reply(file, reply, command.size + sink.size);
	return ret ?: size;
}

static ssize_t hf_give_reply(struct hf_file *file, char __user *buf, size_t size)
{
	ssize_t ret;

	mutex_lock(&file->lock);
	ret = min(size, file->reply_size);
	if (copy_to_user(buf, file->reply, ret))
		ret = -EFAULT;
	mutex_unlock(&file->lock);
	return ret;
}

static enum hf_role hf_role_of(struct hf_file *file)
{
	enum hf_role role;

	mutex_lock(&file->lock);
	role = file->role;
	mutex_unlock(&file->lock);
	return role;
}

/*
 * Whether current has the rights of who opened the file, no more: bytes of the opener's that
 * a privileged program is made to write must not act with its privileges.
 */
static bool hf_is_opener(const struct file *filp)
{
	const struct cred *opener = filp->f_cred;
	const struct cred *cred = current_cred();

	return uid_eq(opener->uid, cred->uid) && uid_eq(opener->euid, cred->euid) &&
	       uid_eq(opener->fsuid, cred->fsuid) && opener->user_ns == cred->user_ns &&
	       cap_issubset(cred->cap_effective, opener->cap_effective);
}

/* `pos` is NULL for read(), not for pread(): FMODE_STREAM. */
static ssize_t hf_read(struct file *filp, char __user *buf, size_t size, loff_t *pos)
{
	struct hf_file *file = filp->private_data;

	if (!hf_is_opener(filp))
		return -EACCES;
	if (hf_role_of(file) == HF_MEMORY)
		return pos ? hf_memory_at(file->group, file->memory, buf, size, *pos, false) :
			     hf_memory_read_runs(file->group, file->memory, buf, size);
	return pos ? -ESPIPE : hf_give_reply(file, buf, size);
}

static ssize_t hf_write(struct file *filp, const char __user *buf, size_t size, loff_t *pos)
{
	char __user *from = (char __user *)buf;
	struct hf_file *file = filp->private_data;

	if (!hf_is_opener(filp))
		return -EACCES;
	if (hf_role_of(file) == HF_MEMORY)
		return pos ? hf_memory_at(file->group, file->memory, from, size, *pos, true) :
			     hf_memory_write_runs(file->group, file->memory, from, size);
	return pos ? -ESPIPE : hf_run_command(file, buf, size);
}

static loff_t hf_seek(struct file *filp, loff_t offset, int whence)
{
	struct hf_file *file = filp->private_data;

	if (hf_role_of(file) != HF_MEMORY)
		return -ESPIPE;
	return hf_memory_seek(file->memory, offset, whence);
}

static const struct file_operations hf_fops = {
	.owner = THIS_MODULE,
	.open = hf_open,
	.release = hf_release,
	.unlocked_ioctl = hf_ioctl,
	.read = hf_read,
	.write = hf_write,
	.llseek = hf_seek,
};

static struct miscdevice hf_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "holdfast",
	.fops = &hf_fops,
	.mode = 0666,
};

static int __init hf_init(void)
{
	struct file *mem = filp_open("/proc/self/mem", O_RDONLY, 0);

	/* To know such a file when HOLDFAST_ADD is given one. */
	if (IS_ERR(mem)) {
		pr_err("holdfast: needs /proc: cannot open /proc/self/mem: %ld\n",
		       PTR_ERR(mem));
		return PTR_ERR(mem);
	}
	hf_proc_mem_fops = mem->f_op;
	filp_close(mem, NULL);
	return misc_register(&hf_device);
}

static void __exit hf_exit(void)
{
	misc_deregister(&hf_device);
	/*
	 * A thread leaves the barrier with module_put(): it may still be in
	 * the few instructions after that.
	 */
	synchronize_rcu_tasks();
	synchronize_rcu();
}

module_init(hf_init);
module_exit(hf_exit);
MODULE_AUTHOR("The Holdfast developers");
MODULE_DESCRIPTION("Kernel-space checkpointer for the processes of a job");
MODULE_LICENSE("GPL");
MODULE_VERSION("1");
