/** A chart of an answer: which mark, over which columns. */
export interface QueryChart {
  readonly mark: "none" | "bar" | "line" | "dot" | "area";
  readonly x: string;
  readonly y: string;
}

export const chartMarks = ["none", "bar", "line", "dot", "area"] as const satisfies readonly QueryChart["mark"][];

interface TypedColumn {
  readonly name: string;
  readonly type: string;
}

export const isTime = ({type}: TypedColumn) => /^(TIMESTAMP|DATE)/.test(type);
export const isNumber = ({type}: TypedColumn) =>
  /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL)/.test(type);

/** The chart that an answer is shown with first: numbers over time as a line, by name as bars; none without numbers. */
export function usualChart(columns: readonly TypedColumn[]): QueryChart {
  const time = columns.find(isTime);
  const name = columns.find((column) => !isNumber(column) && !isTime(column));
  const numbers = columns.filter(isNumber);
  const x = time ?? name ?? (numbers.length > 1 ? numbers[0] : undefined);
  const y = numbers.find((column) => column !== x);
  if (!x || !y) return {mark: "none", x: columns[0]?.name ?? "", y: columns[0]?.name ?? ""};
  return {mark: time ? "line" : name ? "bar" : "dot", x: x.name, y: y.name};
}

/** Values as charts take them: times become dates. */
export function chartRows(
  columns: readonly TypedColumn[],
  rows: readonly Readonly<Record<string, unknown>>[]
): readonly Readonly<Record<string, unknown>>[] {
  const times = columns.filter(isTime).map(({name}) => name);
  if (times.length === 0) return rows;
  return rows.map((row) => ({
    ...row,
    ...Object.fromEntries(times.map((name) => [name, row[name] === null ? null : new Date(String(row[name]))]))
  }));
}
