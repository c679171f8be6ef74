import {element, svgElement} from "../page/element.js";
import {followWidth} from "../page/follow-width.js";
import type {ResultState} from "../page/server-link.js";

const colors = {fresh: "var(--fb-green)", stale: "var(--fb-orange)", missing: "var(--fb-suspicious)"} as const;
const rowHeight = 20;
const top = 14;
/** Between two groups. */
const gap = 12;

/** Which tables each result is made from: tables to the left, results to the right; what changed is drawn in colour. */
export function resultsGraph(results: readonly ResultState[]): HTMLElement {
  const node = element("div", {class: "fb-chart-body", "data-testid": "results-graph"});
  followWidth(node, (width) => node.replaceChildren(draw(results, width)));
  return node;
}

/** What stands together, since its lines would run side by side: one line leads to all of it. */
interface Group<T> {
  readonly key: string;
  readonly members: readonly T[];
}

function groupsOf<T>(all: readonly T[], keyOf: (one: T) => string): Group<T>[] {
  const found = new Map<string, T[]>();
  for (const one of all) found.set(keyOf(one), [...(found.get(keyOf(one)) ?? []), one]);
  return [...found].map(([key, members]) => ({key, members}));
}

/** So many tables of a group are named; the list of results names them all. */
const mostNamed = 6;

/** Those that changed first. */
function namedFew(tables: readonly string[], isChanged: (table: string) => boolean): readonly string[] {
  if (tables.length <= mostNamed) return tables;
  const ordered = [...tables.filter(isChanged), ...tables.filter((table) => !isChanged(table))];
  return [...ordered.slice(0, mostNamed - 1), `and ${tables.length - mostNamed + 1} more`];
}

const every = "every table";
const none = "no table";

function draw(results: readonly ResultState[], width: number): SVGSVGElement {
  const tablesOf = ({reads}: ResultState) => (reads === null ? [every] : reads.length === 0 ? [none] : reads);
  const made = groupsOf(results, (result) => tablesOf(result).toSorted().join());
  const names = [...new Set(results.flatMap(tablesOf))].sort();
  const readBy = (table: string) => made.filter(({members}) => tablesOf(members[0]).includes(table));
  const isWhy = (table: string, {why}: ResultState) => why.some((words) => words.startsWith(`table ${table} `));
  const isChanged = (table: string) => results.some((result) => isWhy(table, result));
  const read = groupsOf(names, (table) =>
    readBy(table)
      .map(({key}) => key)
      .join(" ")
  ).map(({key, members}) => ({key, tables: members, members: namedFew(members, isChanged)}));
  const rows = (groups: readonly Group<unknown>[]) =>
    groups.reduce((sum, {members}) => sum + members.length * rowHeight, (groups.length - 1) * gap);
  const height = Math.max(rows(made), rows(read)) + top;
  const [left, right] = [Math.min(132, width * 0.34), width - Math.min(236, width * 0.52)];
  /** Where the groups of a side begin, in the middle of the other side where they are fewer. */
  const begins = (groups: readonly Group<unknown>[]) => {
    let y = top + (height - top - rows(groups)) / 2;
    return groups.map(({members}) => {
      const begin = y;
      y += members.length * rowHeight + gap;
      return begin;
    });
  };
  const [madeAt, readAt] = [begins(made), begins(read)];
  const middleOf = (at: number, {members}: Group<unknown>) => at + (members.length * rowHeight) / 2;
  const lines = read.flatMap((tables, t) =>
    readBy(tables.tables[0]).map((group) => {
      const r = made.indexOf(group);
      const [y0, y1] = [middleOf(readAt[t], tables), middleOf(madeAt[r], group)];
      const middle = (left + right) / 2;
      const changed = tables.tables.some((table) => group.members.some((result) => isWhy(table, result)));
      const path = svgElement("path", {
        d: `M${left},${y0}C${middle},${y0} ${middle},${y1} ${right},${y1}`,
        fill: "none",
        stroke: changed ? colors.stale : "var(--fb-axis)",
        "stroke-width": changed ? 2 : 1
      });
      return {path, tables, group};
    })
  );
  const light = (group: Group<unknown>) => () => {
    for (const line of lines)
      line.path.style.strokeOpacity = [line.tables, line.group].includes(group as never) ? "1" : "0.15";
  };
  const reset = () => {
    for (const {path} of lines) path.style.strokeOpacity = "";
  };
  const text = (name: string, x: number, y: number, anchor: "end" | "start") =>
    svgElement("text", {x, y, dy: "0.32em", "text-anchor": anchor, "font-size": "12px"}, name.replace(/^data\//, ""));
  /** What holds the members of a group together. */
  const brace = (x: number, at: number, {members}: Group<unknown>) =>
    svgElement("path", {
      d: `M${x},${at + 4}V${at + members.length * rowHeight - 4}`,
      stroke: "var(--fb-axis)",
      "stroke-width": members.length > 1 ? 2 : 0
    });
  const head = (name: string, x: number, anchor: "end" | "start") =>
    svgElement("text", {x, y: 9, "text-anchor": anchor, "font-size": "11px", class: "fb-graph-head"}, name);
  return svgElement(
    "svg",
    {
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-label": "Tables and the results made from them; the list above says the same"
    },
    head("what is read", left - 8, "end"),
    head("results", right + 8, "start"),
    ...lines.map(({path}) => path),
    ...read.map((group, t) =>
      svgElement(
        "g",
        {onpointerenter: light(group), onpointerleave: reset},
        brace(left, readAt[t], group),
        ...group.members.map((name, k) => text(name, left - 8, readAt[t] + (k + 0.5) * rowHeight, "end"))
      )
    ),
    ...made.map((group, r) =>
      svgElement(
        "g",
        {onpointerenter: light(group), onpointerleave: reset},
        brace(right, madeAt[r], group),
        ...group.members.flatMap(({name, freshness, error}, k) => {
          const y = madeAt[r] + (k + 0.5) * rowHeight;
          const fill = error ? colors.missing : colors[freshness];
          return [svgElement("circle", {cx: right + 10, cy: y, r: 4.5, fill}), text(name, right + 20, y, "start")];
        })
      )
    )
  );
}
