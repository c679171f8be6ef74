/**
 * Ensembles of trees over rows of 32-bit floats. A node has 16 bytes: threshold (f32), place of its feature in a row in
 * bytes, address of the child for values above the threshold or missing, and 0; the child for values up to it lies
 * behind that one. The threshold of a leaf is not a number, which no value is below, its child is itself, and it has the
 * address of its values in place of the 0. Eight rows go down a tree at once and none branches: a processor that waits for one node, or guesses the
 * way, loses most of its time.
 */

/** Rows that go down one tree before the next: tree and rows stay near the processor. */
const BLOCK: i32 = 64;

/** Where the host may write from. */
export function begin(): usize {
  return (__heap_base + 63) & ~63;
}

/** Makes room up to that address. */
export function reserve(end: usize): void {
  const have = <usize>memory.size() << 16;
  if (end > have && memory.grow(<i32>((end - have + 65535) >> 16)) < 0) unreachable();
}

// @ts-ignore: decorator
@inline
function child(node: usize, row: usize): usize {
  const isBelow = load<f32>(row + <usize>load<u32>(node, 4)) <= load<f32>(node);
  return <usize>load<u32>(node, 8) + (<usize>isBelow << 4);
}

// @ts-ignore: decorator
@inline
function isLeaf(node: usize): bool {
  return load<u32>(node, 12) !== 0;
}

// @ts-ignore: decorator
@inline
function add(to: usize, node: usize, bytes: usize): void {
  const from = <usize>load<u32>(node, 12);
  if (bytes === 4) {
    store<f32>(to, load<f32>(to) + load<f32>(from));
    return;
  }
  for (let at: usize = 0; at < bytes; at += 16)
    v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
}

/**
 * Sums the leaves' values for each row, tree after tree, and divides the sums. `roots`: addresses of the trees' first
 * nodes; `values`: 1, or a multiple of 4; `input` has a multiple of eight rows; `sure`: levels that rows go down before it
 * is asked whether all of them are at leaves. Output: rows x values.
 */
export function run(
  roots: usize,
  trees: i32,
  values: i32,
  divisor: f32,
  input: usize,
  features: i32,
  output: usize,
  rows: i32,
  sure: i32
): void {
  const width = <usize>features * 4;
  const bytes = <usize>values * 4;
  memory.fill(output, 0, <usize>rows * bytes);
  for (let from = 0; from < rows; from += BLOCK) {
    const to = min(rows, from + BLOCK);
    for (let tree = 0; tree < trees; tree++) {
      const root = <usize>load<u32>(roots + <usize>tree * 4);
      for (let i = from; i < to; i += 8) {
        const row = input + <usize>i * width;
        let a = root, b = root, c = root, d = root, e = root, f = root, g = root, h = root;
        let levels = sure;
        let isDone = false;
        while (!isDone) {
          for (; levels > 0; levels--) {
            a = child(a, row);
            b = child(b, row + width);
            c = child(c, row + 2 * width);
            d = child(d, row + 3 * width);
            e = child(e, row + 4 * width);
            f = child(f, row + 5 * width);
            g = child(g, row + 6 * width);
            h = child(h, row + 7 * width);
          }
          levels = 2;
          // @ts-ignore: of numbers 0 and 1
          isDone = isLeaf(a) & isLeaf(b) & isLeaf(c) & isLeaf(d) & isLeaf(e) & isLeaf(f) & isLeaf(g) & isLeaf(h);
        }
        const sums = output + <usize>i * bytes;
        add(sums, a, bytes);
        add(sums + bytes, b, bytes);
        add(sums + 2 * bytes, c, bytes);
        add(sums + 3 * bytes, d, bytes);
        add(sums + 4 * bytes, e, bytes);
        add(sums + 5 * bytes, f, bytes);
        add(sums + 6 * bytes, g, bytes);
        add(sums + 7 * bytes, h, bytes);
      }
    }
  }
  for (let at = output, end = output + <usize>rows * bytes; at < end; at += 4) store<f32>(at, load<f32>(at) / divisor);
}
