/** A card of a board: how many of the twelve columns it has, and its own height in pixels. */
export interface Sized {
  readonly columns: number;
  readonly height: number;
  /** It says little: it fills a hole that others leave, or comes last. */
  readonly isAside?: boolean;
}

/** Where a card lies: the first of its columns, from 0, and pixels from the board's top. */
export interface Placed {
  readonly column: number;
  readonly top: number;
  readonly height: number;
}

const boardColumns = 12;
/** A card grows into the hole below it where that is no more than this share of its height, or so many pixels. */
const [mostGrowth, smallHole] = [0.6, 160];

interface Card extends Placed {
  readonly columns: number;
}

const overlap = (a: Pick<Card, "column" | "columns">, b: Pick<Card, "column" | "columns">) =>
  a.column < b.column + b.columns && b.column < a.column + a.columns;

/**
 * Cards in their order, each in the columns where it lies highest, the leftmost of equals; `gap` pixels part them. Cards of another
 * width than those before begin a line of their own. A card that ends a little above what comes below it, or above the board's
 * end, is made longer.
 */
export function packed(cards: readonly Sized[], gap: number): Placed[] {
  const placed: Card[] = [];
  const endOf = (within: Pick<Card, "column" | "columns">) =>
    placed.reduce((end, card) => (overlap(card, within) ? Math.max(end, card.top + card.height + gap) : end), 0);
  const all = {column: 0, columns: boardColumns};
  let before = 0;
  let line = 0;
  const places = new Map<Sized, Card>();
  for (const card of inOrder(cards)) {
    const {columns, height} = card;
    const starts = Array.from({length: Math.floor(boardColumns / columns)}, (_, n) => ({column: n * columns, columns}));
    const hole = card.isAside ? starts.flatMap((start) => holeOf(placed, start, height, gap) ?? [])[0] : undefined;
    if (!hole && columns !== before) [before, line] = [columns, endOf(all)];
    const tops = starts.map((start) => Math.max(line, endOf(start)));
    const top = Math.min(...tops);
    const place = hole ?? {...starts[tops.indexOf(top)], top, height};
    placed.push(place);
    places.set(card, place);
  }
  const end = endOf(all) - gap;
  return cards.map((card) => {
    const {columns: _, ...place} = grown(places.get(card) as Card, placed, end, gap);
    return place;
  });
}

/** Cards of little to say come last, but for one that fills the line of a card that would have it alone. */
function inOrder(cards: readonly Sized[]): Sized[] {
  const full = cards.filter(({isAside}) => !isAside);
  const aside = cards.filter(({isAside}) => isAside);
  const ordered = full.flatMap((card, k) => {
    const isAlone = full[k - 1]?.columns !== card.columns && full[k + 1]?.columns !== card.columns;
    const beside = isAlone ? aside.findIndex(({columns}) => columns + card.columns === boardColumns) : -1;
    return beside < 0 ? [card] : [card, ...aside.splice(beside, 1)];
  });
  return [...ordered, ...aside];
}

/** Where a card of that height fits above one that is there. */
function holeOf(
  placed: readonly Card[],
  start: Pick<Card, "column" | "columns">,
  height: number,
  gap: number
): Card | null {
  const own = placed.filter((card) => overlap(card, start)).sort((a, b) => a.top - b.top);
  for (const [k, {top: next}] of own.entries()) {
    const top = Math.max(0, ...own.slice(0, k).map((card) => card.top + card.height + gap));
    if (next - gap - top >= height) return {...start, top, height};
  }
  return null;
}

function grown(card: Card, placed: readonly Card[], end: number, gap: number): Card {
  const bottom = card.top + card.height;
  const below = placed.filter((other) => other.top >= bottom && overlap(other, card)).map(({top}) => top - gap);
  const hole = Math.max(0, Math.min(end, ...below) - bottom);
  return hole <= Math.max(smallHole, mostGrowth * card.height) ? {...card, height: card.height + hole} : card;
}
