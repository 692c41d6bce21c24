# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# A job on a terminal.

on_terminal() {
	"${marked[@]}" /usr/bin/python3 "$here/programs/terminal.py" "$1" "$holdfast" || fail "$1"
}

test_ctrl_c() { on_terminal ctrl_c; }
test_ctrl_c_without_handler() { on_terminal ctrl_c_without_handler; }
test_window() { on_terminal window; }
test_typing() { on_terminal typing; }
test_raw() { on_terminal raw; }
test_shell() { on_terminal shell; }
test_hangup() { on_terminal hangup; }
