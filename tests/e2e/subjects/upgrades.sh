# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# The system changes between a checkpoint and a restart: libraries and programs are upgraded or removed.

# make_version N: a library and a program of this version.
make_version() {
	echo "int version(void) { return $1; }" >version.c
	gcc -shared -fPIC -o libversion.so.new version.c
	mv libversion.so.new libversion.so
	cat >program.c <<'END'
#include <stdio.h>
#include <unistd.h>
int version(void);
int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (access("end", F_OK))
		printf("%d\n", version()), usleep(10000);
}
END
	gcc -o program.new program.c -L. -lversion -Wl,-rpath,"$PWD"
	mv program.new program
}

lines_grow() {
	(($(wc -l <"$scratch/versioned.out") > $1))
}

goes_on() {
	await 30 "the job goes on" lines_grow "$(wc -l <"$scratch/versioned.out")"
}

start_version_1() {
	make_version 1
	start versioned ./program
	goes_on
	checkpoint
	kill_job
}

# Restarted, checkpointed and restarted once more, it is still the program of version 1.
lives_on() {
	restart
	goes_on
	checkpoint
	kill_job
	restart
	goes_on
	touch end
	finish
	[[ $(sort -u "$scratch/versioned.out") == 1 ]] || fail "not of version 1: $(sort -u "$scratch/versioned.out")"
	hold verify versioned >&2 || fail "verify: status $?"
}

test_upgraded() {
	start_version_1
	make_version 2
	lives_on
}

test_removed() {
	start_version_1
	rm program libversion.so
	lives_on
}

# A copy that is damaged is found before anything is started.
test_damaged_copy() {
	local object

	start_version_1
	object=$(sha256sum libversion.so | cut -d' ' -f1)
	rm libversion.so
	printf x | dd of="$scratch/store/1/objects/$object" bs=1 seek=64 conv=notrunc status=none
	refused 65 "objects/$object is damaged" restart versioned
	no_process || fail "something runs"
}

# What only shows in the middle of a restart is told as well, and nothing is left.
test_copy_not_executable() {
	local object

	start_version_1
	object=$(sha256sum program | cut -d' ' -f1)
	rm program
	chmod 600 "$scratch/store/1/objects/$object"
	refused 69 'cannot give back the program that /proc/self/exe names' restart versioned
	no_process || fail "something runs"
}
