/** A number with its noun: `1 capture`, `1,200 captures`. */
export const counted = (n: number, one: string) => `${n.toLocaleString("en")} ${one}${n === 1 ? "" : "s"}`;
