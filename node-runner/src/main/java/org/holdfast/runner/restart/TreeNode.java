// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.runner.state.StateFiles;
import org.jspecify.annotations.Nullable;

/** A process of the tree under construction. */
final class TreeNode {

  /** What it is for. */
  enum Kind {
    /** A process with an image. */
    PROCESS,
    /** A process that ended. */
    ZOMBIE,
    /** Not of the job: it stands for one that is gone. */
    HELPER
  }

  final int pid;
  final int pgid;
  final int sid;
  final Kind kind;
  final StateFiles.@Nullable Content image;
  final int status;

  /** Whose children it is among, null: the initial process's. */
  @Nullable TreeNode parent;

  final List<TreeNode> children = new ArrayList<>();

  /** The session that it must be born in, 0: any. */
  int birthSession;

  private TreeNode(
      int pid, int pgid, int sid, Kind kind, StateFiles.@Nullable Content image, int status) {
    this.pid = pid;
    this.pgid = pgid;
    this.sid = sid;
    this.kind = kind;
    this.image = image;
    this.status = status;
  }

  static TreeNode process(StateFiles.Content image) {
    var process = image.process().process();
    return new TreeNode(process.pid(), process.pgid(), process.sid(), Kind.PROCESS, image, 0);
  }

  static TreeNode zombie(int pid, int pgid, int sid, int status) {
    return new TreeNode(pid, pgid, sid, Kind.ZOMBIE, null, status);
  }

  static TreeNode helper(int pid, int pgid, int sid) {
    return new TreeNode(pid, pgid, sid, Kind.HELPER, null, 0);
  }

  boolean leadsSession() {
    return sid == pid;
  }

  /** Whether its parent makes it before beginning a session. */
  boolean isEarly() {
    TreeNode maker = parent;
    return maker != null && maker.leadsSession() && birthSession != 0 && birthSession != maker.sid;
  }

  void adopt(TreeNode child) {
    child.parent = this;
    children.add(child);
  }
}
