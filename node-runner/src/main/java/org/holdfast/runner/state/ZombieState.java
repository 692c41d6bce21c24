// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

/**
 * A process that ended and that its parent has not waited for.
 *
 * @param pid its number
 * @param pgid its process group
 * @param sid its session
 * @param status how it ended, as wait(2) gives it
 * @param name its short name
 */
public record ZombieState(int pid, int pgid, int sid, int status, String name) {}
