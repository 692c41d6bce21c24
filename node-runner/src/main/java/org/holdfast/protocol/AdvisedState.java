// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * {@code struct hf_advised}: an area of which the snapshot does not tell this.
 *
 * @param range the area
 * @param advice what it is
 */
public record AdvisedState(MemoryRange range, List<Advice> advice) {

  static AdvisedState read(ByteBuffer body) {
    MemoryRange range = MemoryRange.read(body);
    int bits = body.getInt();
    body.getInt();
    return new AdvisedState(
        range, Arrays.stream(Advice.values()).filter(advice -> advice.isIn(bits)).toList());
  }
}
