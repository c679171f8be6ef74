/** “ — did you mean X?” for the candidate within two edits of the word, else an empty string. */
export function nearest(word: string, candidates: readonly string[]): string {
  const [best] = candidates.map((name) => ({name, edits: distance(word, name)})).sort((a, b) => a.edits - b.edits);
  return best && best.edits <= 2 ? ` — did you mean ${best.name}?` : "";
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({length: b.length + 1}, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length];
}
