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
  /** Boards to pack, with their cards that may have another height. */
  const awaited = new Map<HTMLElement, Set<Element>>();
  const pack = (board: HTMLElement, changed: Iterable<Element>) => {
    if (awaited.size === 0) requestAnimationFrame(() => afterPress(packAwaited));
    const all = awaited.get(board) ?? new Set();
    for (const card of changed) all.add(card);
    awaited.set(board, all);
  };
  const packAwaited = () => {
    for (const [board, changed] of awaited) if (board.isConnected) packOne(board, changed);
    awaited.clear();
  };
  const sizes = new ResizeObserver((entries) => {
    for (const {target} of entries) pack(target as HTMLElement, target.children);
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
    for (const {target} of changes) {
      const board = (target as Element).closest<HTMLElement>(".fb-board");
      if (board) pack(board, target === board ? board.children : cardsAround(target, board));
    }
  }).observe(main, {subtree: true, childList: true, attributes: true, attributeFilter: ["hidden", "class", "open"]});
  find();
}

/** The board's card that a node lies in. */
function cardsAround(node: Node, board: HTMLElement): Element[] {
  let at: Node | null = node;
  while (at && at.parentNode !== board) at = at.parentNode;
  return at ? [at as Element] : [];
}

/** How many columns a card had when it was measured, and its own height: to measure one has its content laid out twice. */
const measured = new WeakMap<HTMLElement, {readonly columns: number; readonly height: number}>();

function packOne(board: HTMLElement, changed: ReadonlySet<Element>): void {
  const all = [...board.children] as HTMLElement[];
  const some = all.filter((card) => changed.has(card) || !measured.has(card));
  alone(some, true);
  if (board.clientWidth < least) {
    alone(some, false);
    delete board.dataset.packed;
    return;
  }
  const cards = all
    .map((card) => ({card, style: getComputedStyle(card)}))
    .filter(({style}) => style.display !== "none" && style.position !== "absolute")
    .map(({card, style}) => ({
      card,
      columns: Number(/span (\d+)/.exec(style.getPropertyValue("--fb-span"))?.[1] ?? 12),
      isAside: style.order !== "0"
    }));
  measure(cards.filter(({card}) => some.includes(card)));
  // What stands beside a card may decide how wide it is.
  const others = cards.filter(({card, columns}) => measured.get(card)?.columns !== columns);
  alone(
    others.map(({card}) => card),
    true
  );
  measure(others);
  alone([...some, ...others.map(({card}) => card)], false);
  const sized = cards.map((each) => ({...each, height: measured.get(each.card)!.height}));
  for (const [k, {column, top, height}] of packed(sized, gap).entries()) {
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

function measure(cards: readonly {card: HTMLElement; columns: number}[]): void {
  for (const {card, columns} of cards) measured.set(card, {columns, height: card.offsetHeight});
}

/**
 * Cards are measured as high as what they hold, not as they were stretched. An attribute in place of this would have the style of
 * all that they hold computed anew.
 */
function alone(cards: readonly HTMLElement[], areAlone: boolean): void {
  for (const {style} of cards) style.alignSelf = areAlone ? "start" : "";
}
