/** The first words of a list, and how many more there are: an update changes sources by the dozen. */
export function fewOf(words: readonly string[], separator: string, most = 3): string {
  // "One more" would be as long as the word itself.
  if (words.length <= most + 1) return words.join(separator);
  return [...words.slice(0, most), `${words.length - most} more`].join(separator);
}
