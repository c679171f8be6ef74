import type {Verdict} from "./column.ts";
import type {JudgedCapture} from "./judged-captures.ts";

/** What a column says of each capture, by file. */
export type Said = ReadonlyMap<string, readonly Verdict[]>;

/** The figures of a column as lines: both halves, false alarms, attacks by kind, each miss by name. */
export function reportOf(column: string, captures: readonly JudgedCapture[], said: Said): string[] {
  const lines = [`# ${column}`, "", "| captures | benign with a verdict | attacks found |", "|---|---|---|"];
  for (const [name, own] of groups(captures))
    lines.push(`| ${name} | ${benignOf(own, said)} | ${attacksOf(own, said)} |`);
  lines.push("", "## Benign captures with a verdict of medium severity or more", "");
  for (const {file, half} of benign(captures))
    for (const {name, why} of said.get(file) ?? []) lines.push(`- ${half} ${file}: ${name}: ${why}`);
  lines.push("", "## Attacks by kind", "", "| half | kind | source | found | by |", "|---|---|---|---|---|");
  const kinds = grouped(attacks(captures), ({half, attack, source}) => `${half} | ${attack} | ${source}`);
  for (const [kind, own] of [...kinds].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const names = own.flatMap(({file}) => [...new Set((said.get(file) ?? []).map(({name}) => name))]);
    const by = [...grouped(names, (name) => name)].map(([name, {length}]) => `${name} ${length}`).join(", ");
    lines.push(`| ${kind} | ${attacksOf(own, said)} | ${by} |`);
  }
  lines.push("", "## Attacks missed", "");
  for (const {file, half, attack} of attacks(captures))
    if (!said.get(file)?.length) lines.push(`- ${half} ${file}: ${attack}`);
  return lines;
}

function groups(captures: readonly JudgedCapture[]): [string, JudgedCapture[]][] {
  const sets = ["shared", "incidents"] as const;
  const halves = ["A", "B"] as const;
  return [
    ...sets.flatMap((set) => [
      [`${set}`, captures.filter((one) => one.set === set)] as [string, JudgedCapture[]],
      ...halves.map((half): [string, JudgedCapture[]] => [
        `${set}, half ${half}`,
        captures.filter((one) => one.set === set && one.half === half)
      ])
    ]),
    ["all", [...captures]]
  ];
}

const benign = (captures: readonly JudgedCapture[]) => captures.filter(({attack}) => attack === null);
const attacks = (captures: readonly JudgedCapture[]) => captures.filter(({attack}) => attack !== null);

function benignOf(captures: readonly JudgedCapture[], said: Said): string {
  return share(benign(captures), said);
}

function attacksOf(captures: readonly JudgedCapture[], said: Said): string {
  return share(attacks(captures), said);
}

function share(captures: readonly JudgedCapture[], said: Said): string {
  const some = captures.filter(({file}) => said.get(file)?.length).length;
  const percent = captures.length === 0 ? "" : ` (${((100 * some) / captures.length).toFixed(1)} %)`;
  return `${some} of ${captures.length}${percent}`;
}

function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}
