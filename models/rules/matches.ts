/** A condition: a text matches a regular expression, as all engines have it; a text that is NULL does not. */
export function matches(text: string, pattern: string): string {
  return `coalesce(regexp_extract(${text}, '${pattern}'), '') <> ''`;
}
