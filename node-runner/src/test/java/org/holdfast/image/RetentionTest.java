// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class RetentionTest {

  @Test
  void keepsTheNewest() {
    assertThat(expendable(2, good(1), good(2), good(3), good(4))).containsExactly(1, 2);
    assertThat(expendable(4, good(1), good(2), good(3), good(4))).isEmpty();
    assertThat(expendable(9, good(1), good(2))).isEmpty();
    assertThat(expendable(1)).isEmpty();
  }

  @Test
  void unusableOnesDoNotCount() {
    assertThat(expendable(1, good(1), good(2), damaged(3), damaged(4))).containsExactly(1);
    assertThat(expendable(2, damaged(1), good(2), damaged(3), good(4))).containsExactly(1);
    assertThat(expendable(1, good(1), newer(2))).isEmpty();
  }

  @Test
  void theLastGoodOneStays() {
    assertThat(expendable(1, good(1), damaged(2), damaged(3))).isEmpty();
    assertThat(expendable(1, damaged(1), damaged(2))).isEmpty();
  }

  @Test
  void whatIsBuiltOnStays() {
    assertThat(expendable(1, good(1), good(2), on(1, 3), good(4), on(3, 5))).containsExactly(2, 4);
    assertThat(expendable(2, good(1), on(1, 2), good(3), on(3, 4))).containsExactly(1, 2);
  }

  @Test
  void oneIsTheLeast() {
    assertThatThrownBy(() -> new Retention(0)).hasMessageContaining("fewer than one");
  }

  private static List<Integer> expendable(int keep, StoredEpoch... epochs) {
    return new Retention(keep).expendable(List.of(epochs), manifest -> true);
  }

  private static StoredEpoch good(int epoch) {
    return on(0, epoch);
  }

  private static StoredEpoch on(int parent, int epoch) {
    return new StoredEpoch.Readable(Samples.manifest(epoch, parent));
  }

  private static StoredEpoch damaged(int epoch) {
    return new StoredEpoch.Damaged(epoch, "bits");
  }

  private static StoredEpoch newer(int epoch) {
    return new StoredEpoch.Newer(epoch, "version 2");
  }
}
