// SPDX-License-Identifier: Apache-2.0
/** The job: its initial process, its processes, and where to find them. */
@NullMarked
package org.holdfast.runner.job;

import org.jspecify.annotations.NullMarked;
