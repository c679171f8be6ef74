/** Something that can be found: a page, a host, a name. */
export interface Findable {
  readonly kind: "Page" | "Host" | "Name" | "Incident" | "Capture" | "Chart" | "Flows";
  /** What it is called; texts of strangers come as they are. */
  readonly text: string;
  /** Said beside it. */
  readonly note: string;
  /** Where it is: an address, or a chart of this page by its id. */
  readonly href: string;
}

/** Of one kind at most, so that hosts do not push pages out. */
const mostOfKind = 7;

/** How well a text is met: the beginning of it, of a word, within it, or all words somewhere; null where not. */
function fit(text: string, asked: string): number | null {
  const whole = text.toLowerCase();
  if (whole === asked) return 0;
  if (whole.startsWith(asked)) return 1;
  const at = whole.indexOf(asked);
  if (at > 0) return /[\p{L}\p{N}]/u.test(whole[at - 1]) ? 3 : 2;
  const words = asked.split(/\s+/);
  return words.length > 1 && words.every((word) => whole.includes(word)) ? 4 : null;
}

/**
 * What a text finds, by kind in the order in which kinds are given, the best first and else as given. Without a text the
 * first of each.
 */
export function find(all: readonly Findable[], text: string): readonly Findable[] {
  const asked = text.trim().toLowerCase();
  const byKind = new Map<string, {readonly findable: Findable; readonly fit: number}[]>();
  for (const findable of all) {
    const own = byKind.get(findable.kind) ?? [];
    byKind.set(findable.kind, own);
    const how = asked === "" ? 0 : fit(findable.text, asked);
    if (how !== null) own.push({findable, fit: how});
  }
  const groups = [...byKind.values()].map((group) =>
    group.sort((a, b) => a.fit - b.fit).slice(0, asked === "" ? 4 : mostOfKind)
  );
  // The kind of the best comes first.
  if (asked !== "") groups.sort((a, b) => Math.min(...a.map(({fit}) => fit)) - Math.min(...b.map(({fit}) => fit)));
  return groups.flat().map(({findable}) => findable);
}
