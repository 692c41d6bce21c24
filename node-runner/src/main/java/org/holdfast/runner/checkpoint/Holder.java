// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

/**
 * A descriptor of a process.
 *
 * @param pid the process, as the job sees it
 * @param fd the descriptor
 */
record Holder(int pid, int fd) {}
