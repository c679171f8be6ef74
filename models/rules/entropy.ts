/** Shannon entropy of the characters of the texts together, in bits per character; 0 without any. */
export function entropy(texts: readonly string[]): number {
  const counts = new Map<string, number>();
  let n = 0;
  for (const text of texts)
    for (const letter of text) {
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
      n++;
    }
  let bits = 0;
  for (const count of counts.values()) bits -= (count / n) * Math.log2(count / n);
  return bits;
}
