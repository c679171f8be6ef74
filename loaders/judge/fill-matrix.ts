type Numbers = ArrayLike<number>;

/**
 * Writes columns side by side into a row-major matrix as wide as there are columns, `rows` of them from row `from` on.
 * Eight columns at a time: to write one after another would fetch every line of memory as often as it has columns.
 */
export function fillMatrix(matrix: Float32Array, columns: readonly Numbers[], rows: number, from: number): void {
  const width = columns.length;
  let k = 0;
  for (; k + 8 <= width; k += 8) {
    const [a, b, c, d, e, f, g, h] = columns.slice(k, k + 8);
    for (let i = 0, at = from * width + k; i < rows; i++, at += width) {
      matrix[at] = a[i];
      matrix[at + 1] = b[i];
      matrix[at + 2] = c[i];
      matrix[at + 3] = d[i];
      matrix[at + 4] = e[i];
      matrix[at + 5] = f[i];
      matrix[at + 6] = g[i];
      matrix[at + 7] = h[i];
    }
  }
  for (; k < width; k++) {
    const column = columns[k];
    for (let i = 0, at = from * width + k; i < rows; i++, at += width) matrix[at] = column[i];
  }
}
