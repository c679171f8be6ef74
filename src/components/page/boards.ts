import {packed} from "../../lib/packing.js";
import {afterPress} from "./after-press.js";

/** Pixels of a row of a packed board, and between its cards. */
const [row, gap] = [4, 16];
/** A narrower board has one column. */
const least = 820;

/**
 * Keeps the cards of the page's boards close together: each lies where its columns end first, so that a long card has no hole
 * beside it. Their order in the document, which is that of keyboard and readers, stays.
 */
export function packBoards(main: HTMLElement): void {
  // New data may bring a module of their own: the first one goes on.
  if (main.dataset.packs !== undefined) return;
  main.dataset.packs = "";
  const awaited = new Set<HTMLElement>();
  const pack = (board: HTMLElement | null) => {
    if (!board) return;
    if (awaited.size === 0) requestAnimationFrame(() => afterPress(packAwaited));
    awaited.add(board);
  };
  const packAwaited = () => {
    for (const board of awaited) if (board.isConnected) packOne(board);
    awaited.clear();
  };
  const sizes = new ResizeObserver((entries) => {
    for (const {target} of entries) pack(target as HTMLElement);
  });
  const known = new WeakSet<HTMLElement>();
  const find = () => {
    for (const board of main.querySelectorAll<HTMLElement>(".fb-board")) {
      if (known.has(board)) continue;
      known.add(board);
      sizes.observe(board);
    }
  };
  new MutationObserver((changes) => {
    find();
    for (const {target} of changes) pack((target as Element).closest<HTMLElement>(".fb-board"));
  }).observe(main, {subtree: true, childList: true, attributes: true, attributeFilter: ["hidden", "class", "open"]});
  find();
}

function packOne(board: HTMLElement): void {
  if (board.clientWidth < least) {
    delete board.dataset.packed;
    return;
  }
  // Cards are measured as high as what they hold, not as they were stretched. An attribute in place of this would have the
  // style of all that they hold computed anew.
  board.style.alignItems = "start";
  const cards = ([...board.children] as HTMLElement[])
    .map((card) => ({card, style: getComputedStyle(card)}))
    .filter(({style}) => style.display !== "none" && style.position !== "absolute")
    .map(({card, style}) => ({
      card,
      columns: Number(/span (\d+)/.exec(style.getPropertyValue("--fb-span"))?.[1] ?? 12),
      height: card.offsetHeight,
      isAside: style.order !== "0"
    }));
  board.style.alignItems = "";
  for (const [k, {column, top, height}] of packed(cards, gap).entries()) {
    const {style} = cards[k].card;
    // To set what is there already costs as much.
    const set = (name: string, value: string) => {
      if (style.getPropertyValue(name) !== value) style.setProperty(name, value);
    };
    set("--fb-column", `${column + 1} / span ${cards[k].columns}`);
    set("--fb-rows", `${Math.round(top / row) + 1} / span ${Math.ceil(height / row)}`);
  }
  if (board.dataset.packed === undefined) board.dataset.packed = "";
}
