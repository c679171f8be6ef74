/**
 * A subquery: the rows of `from` in whose group, all rows with equal `keys`, `having` holds. Sorting sessions and counting
 * different values cost much more than this: a rule whose limits only few groups can pass looks at those alone. No key is NULL.
 */
export function rowsOfGroups(from: string, keys: readonly string[], having: string): string {
  return `(SELECT r.* FROM ${from} r
    JOIN (SELECT ${keys.map((key) => `${key} AS group_${key}`).join(", ")} FROM ${from} a GROUP BY ${keys.join(", ")} HAVING ${having}) g
      ON ${keys.map((key) => `r.${key} = group_${key}`).join(" AND ")})`;
}
