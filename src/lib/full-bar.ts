/**
 * What a bar of full length stands for: the largest value, but the sum where several are all as large. Full bars that are all
 * alike would look like much of each.
 */
export function fullBar(values: readonly number[], largest: number): number {
  const isAlike = values.length > 1 && values.every((value) => value === largest);
  return isAlike ? largest * values.length : largest;
}
