import {availableParallelism} from "node:os";

/** What `work` makes of each item, in their order; as many are under way at a time as there are processors. */
export async function* sideBySide<Item, Made>(
  items: readonly Item[],
  work: (item: Item) => Promise<Made>,
  atOnce = availableParallelism()
): AsyncGenerator<Made> {
  const underWay: Promise<Made>[] = [];
  for (const item of items) {
    const made = work(item);
    // It is awaited in its turn; until then its failure is nobody's.
    made.catch(() => {});
    if (underWay.push(made) === atOnce) yield await underWay.shift()!;
  }
  for (const made of underWay) yield await made;
}
