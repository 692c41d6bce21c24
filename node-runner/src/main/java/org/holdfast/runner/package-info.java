// SPDX-License-Identifier: Apache-2.0
/**
 * The node runner: one for each host and job. It starts the job's processes, talks to their
 * interceptors over {@code job.sock}, does what the coordinator asks over {@code control.sock}, and
 * moves images.
 */
@NullMarked
package org.holdfast.runner;

import org.jspecify.annotations.NullMarked;
