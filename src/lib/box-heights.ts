/**
 * Heights of boxes that share `height` by their values, largest first. Each of the first ones gets at least what it
 * `needs`, so that names can stand in it, as far as there is room for; what small ones need beyond their share the
 * others give, in the proportions of their values.
 */
export function boxHeights(values: readonly number[], needs: readonly number[], height: number): number[] {
  let used = 0;
  const granted = needs.map((need) => ((used += need) <= height ? need : 0));
  const raised = new Set<number>();
  for (;;) {
    const room = [...raised].reduce((rest, at) => rest - granted[at], height);
    const sum = values.reduce((total, value, at) => (raised.has(at) ? total : total + value), 0);
    const heights = values.map((value, at) => (raised.has(at) ? granted[at] : sum > 0 ? (value / sum) * room : 0));
    const small = heights.flatMap((own, at) => (!raised.has(at) && own < granted[at] ? [at] : []));
    if (small.length === 0) return heights;
    for (const at of small) raised.add(at);
  }
}
