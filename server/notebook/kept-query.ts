import type {QueryChart} from "../../src/lib/query-chart.ts";
import {PageRefused} from "./new-page.ts";

export interface KeptQuery {
  readonly title: string;
  readonly sql: string;
  readonly chart?: QueryChart;
}

/** The text of a page that asks one statement and shows its answer. Throws where the statement would not stay one. */
export function keptQueryText({title, sql, chart}: KeptQuery): string {
  if (/^\s*(```|~~~)/m.test(sql))
    throw new PageRefused(
      "a query cannot be kept as a page if one of its lines begins with ``` or ~~~: change that line"
    );
  if (sql.includes("${"))
    throw new PageRefused(
      "a query cannot be kept as a page with inputs (\u0024{}): replace them by values, and add inputs in the page"
    );
  const shown = chart && chart.mark !== "none" ? `\n\`\`\`js\n${plotOf(chart)}\n\`\`\`\n` : "";
  return `---
title: ${JSON.stringify(title)}
---

# ${title}

\`\`\`sql id=answer
${sql.replace(/[;\s]+$/, "")}
\`\`\`
${shown}
\`\`\`js
display(Inputs.table(answer, {select: false}));
\`\`\`
`;
}

function plotOf({mark, x, y}: QueryChart): string {
  const [across, up] = [JSON.stringify(x), JSON.stringify(y)];
  if (mark !== "bar")
    return `display(Plot.plot({marks: [Plot.${marks[mark]}(answer, {x: ${across}, y: ${up}, tip: true})]}));`;
  return `display(Plot.plot({
  marginLeft: 120,
  marks: [Plot.barX(answer, {x: ${up}, y: ${across}, sort: {y: "-x", limit: 40}, tip: true})]
}));`;
}

const marks = {none: "dot", line: "lineY", dot: "dot", area: "areaY"} as const;
