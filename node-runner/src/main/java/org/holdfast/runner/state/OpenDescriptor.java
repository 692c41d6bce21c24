// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

/**
 * A descriptor of a process, as {@code descriptors.json} lists it.
 *
 * @param fd its number
 * @param fdFlags FD_CLOEXEC
 * @param shared number of its open file description, the same in all images of a checkpoint
 * @param description what it refers to
 */
public record OpenDescriptor(int fd, int fdFlags, int shared, Description description) {}
