import {availableParallelism} from "node:os";

/** Items under way at a time: `--at-once=N`, else as many as there are processors. */
const asked = process.argv.find((word) => word.startsWith("--at-once="))?.slice(10);
const usual = Number(asked ?? availableParallelism());

/** What `work` makes of each item, in their order, several at a time. */
export async function* sideBySide<Item, Made>(
  items: readonly Item[],
  work: (item: Item) => Promise<Made>,
  atOnce = usual
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
