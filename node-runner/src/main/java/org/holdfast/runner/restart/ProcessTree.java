// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import org.holdfast.runner.state.Refusal;
import org.holdfast.runner.state.StateFiles;
import org.holdfast.runner.state.ZombieState;
import org.jspecify.annotations.Nullable;

/**
 * Plans which process makes which, so that each ends up with its parent, session and group.
 *
 * <p>A session can only be begun by the process whose number it has, or inherited. So a child whose
 * session is not its parent's is made before its parent begins its own; an orphan is made by a
 * helper inside its session, which ends; and a session or group whose leader is gone gets a helper
 * with the leader's number.
 */
final class ProcessTree {

  private final Map<Integer, TreeNode> nodes = new TreeMap<>();
  private final Map<Integer, TreeNode> nurseries = new HashMap<>();
  private final List<TreeNode> roots = new ArrayList<>();
  private final IntSupplier spareNumbers;

  private ProcessTree(IntSupplier spareNumbers) {
    this.spareNumbers = spareNumbers;
  }

  /**
   * Plans the tree.
   *
   * @param images of all processes
   * @param spareNumbers gives numbers that nobody has, for helpers
   * @return all processes, parents before children
   * @throws Refusal when there is no way to make it
   */
  static List<TreeNode> of(List<StateFiles.Content> images, IntSupplier spareNumbers)
      throws Refusal {
    ProcessTree tree = new ProcessTree(spareNumbers);
    tree.addProcesses(images);
    for (TreeNode root : tree.roots) {
      settleBirth(root);
    }
    tree.placeOrphans();
    tree.addGroupLeaders();
    List<TreeNode> ordered = new ArrayList<>();
    tree.roots.forEach(root -> collect(root, ordered));
    return ordered;
  }

  private void addProcesses(List<StateFiles.Content> images) {
    for (StateFiles.Content image : images) {
      TreeNode node = TreeNode.process(image);
      nodes.put(node.pid, node);
    }
    for (StateFiles.Content image : images) {
      TreeNode node = node(image.process().process().pid());
      @Nullable TreeNode parent = nodes.get(image.process().process().ppid());
      if (parent == null) {
        roots.add(node);
      } else {
        parent.adopt(node);
      }
      for (ZombieState ended : image.process().zombies()) {
        TreeNode zombie = TreeNode.zombie(ended.pid(), ended.pgid(), ended.sid(), ended.status());
        nodes.put(zombie.pid, zombie);
        node.adopt(zombie);
      }
    }
  }

  /** Finds which session each must be born in, from the leaves up. */
  private static void settleBirth(TreeNode node) throws Refusal {
    node.birthSession = node.leadsSession() ? 0 : node.sid;
    for (TreeNode child : node.children) {
      settleBirth(child);
      int wanted = child.birthSession;
      if (wanted == 0 || wanted == node.sid) {
        continue;
      }
      if (node.birthSession != 0 && node.birthSession != wanted) {
        throw new Refusal(
            "process %d of session %d is a child of process %d, which was never in that session: it was adopted, which cannot be restored yet"
                .formatted(child.pid, wanted, node.pid));
      }
      node.birthSession = wanted;
    }
  }

  /** Those that the initial process has adopted, born in a session of the job. */
  private void placeOrphans() {
    for (TreeNode orphan : List.copyOf(roots)) {
      if (orphan.birthSession != 0) {
        roots.remove(orphan);
        nursery(orphan.birthSession).adopt(orphan);
      }
    }
  }

  /** A process in this session that ends when the tree stands. */
  private TreeNode nursery(int session) {
    return nurseries.computeIfAbsent(session, this::makeNursery);
  }

  private TreeNode makeNursery(int session) {
    TreeNode leader = leader(session);
    if (leader.kind != TreeNode.Kind.PROCESS) {
      return leader;
    }
    TreeNode helper = TreeNode.helper(spareNumbers.getAsInt(), leader.pgid, session);
    helper.birthSession = session;
    leader.adopt(helper);
    return helper;
  }

  /** The leader of a session, or a helper in its place. */
  private TreeNode leader(int session) {
    @Nullable TreeNode leader = nodes.get(session);
    if (leader != null && leader.leadsSession()) {
      return leader;
    }
    TreeNode helper = TreeNode.helper(session, session, session);
    nodes.put(session, helper);
    roots.add(0, helper);
    return helper;
  }

  /** Groups without their leader. */
  private void addGroupLeaders() throws Refusal {
    for (TreeNode member : List.copyOf(nodes.values())) {
      @Nullable TreeNode leader = nodes.get(member.pgid);
      if (leader == null) {
        TreeNode helper = TreeNode.helper(member.pgid, member.pgid, member.sid);
        helper.birthSession = member.sid;
        nodes.put(helper.pid, helper);
        leader(member.sid).adopt(helper);
      } else if (leader.sid != member.sid) {
        throw new Refusal(
            "process %d is in group %d of another session".formatted(member.pid, member.pgid));
      }
    }
  }

  private static void collect(TreeNode node, List<TreeNode> ordered) {
    ordered.add(node);
    node.children.forEach(child -> collect(child, ordered));
  }

  private TreeNode node(int pid) {
    TreeNode node = nodes.get(pid);
    if (node == null) {
      throw new IllegalStateException("process " + pid + " is not in the tree");
    }
    return node;
  }
}
