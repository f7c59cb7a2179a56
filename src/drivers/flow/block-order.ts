// The order in which blocks are run: every block after all that lead to it, and the blocks of a loop together (the strongly
// connected components, by Tarjan's algorithm, without recursion). So a merge is settled only when all its cases are there.

/** Blocks that run together. */
export interface Component {
  /** Indexes of blocks, in an order in which only ways back lead from a later one to an earlier one. */
  readonly blocks: readonly number[];
  readonly isLoop: boolean;
}

/** The components that can be reached from `entry`, in order. `successors` is indexed by block. */
export function orderBlocks(successors: readonly (readonly number[])[], entry: number): Component[] {
  const count = successors.length;
  const found = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const onStack = new Uint8Array(count);
  const nextEdge = new Int32Array(count);
  /** When a block was left for good: descending, this is the reverse postorder. */
  const left = new Int32Array(count);
  const open: number[] = [];
  const path: number[] = [];
  const components: Component[] = [];
  let counter = 0;
  let exits = 0;
  const enter = (block: number): void => {
    found[block] = counter;
    low[block] = counter;
    counter += 1;
    open.push(block);
    onStack[block] = 1;
    path.push(block);
  };
  enter(entry);
  while (path.length > 0) {
    const block = path[path.length - 1] ?? 0;
    const edges = successors[block] ?? [];
    const edge = nextEdge[block] ?? 0;
    if (edge < edges.length) {
      nextEdge[block] = edge + 1;
      const target = edges[edge] ?? 0;
      if ((found[target] ?? -1) < 0) enter(target);
      else if (onStack[target] === 1) low[block] = Math.min(low[block] ?? 0, found[target] ?? 0);
      continue;
    }
    path.pop();
    left[block] = exits;
    exits += 1;
    const parent = path.at(-1);
    if (parent !== undefined) low[parent] = Math.min(low[parent] ?? 0, low[block] ?? 0);
    if (low[block] !== found[block]) continue;
    const blocks: number[] = [];
    for (let member = open.pop(); member !== undefined; member = open.pop()) {
      onStack[member] = 0;
      blocks.push(member);
      if (member === block) break;
    }
    blocks.sort((a, b) => (left[b] ?? 0) - (left[a] ?? 0));
    components.push({ blocks, isLoop: blocks.length > 1 || edges.includes(block) });
  }
  return components.reverse();
}
