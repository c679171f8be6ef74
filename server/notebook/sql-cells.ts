import {createHash} from "node:crypto";
import type {ParsedCell} from "@observablehq/framework/dist/javascript/parse.js";
import type {CodeCell, Page} from "@observablehq/framework/dist/loader.js";
import {parseJavaScript, relativePath} from "./framework-modules.ts";

/** A statement that a page asks, as its `sql` literals and cells have it. */
export interface PageStatement {
  /** With `?` for each `${}`. */
  readonly sql: string;
  /** Whether it has inputs: then what it answers is not known before somebody reads the page. */
  readonly hasInputs: boolean;
}

/** Where pages find `sql`. */
const sqlModule = "/components/page/sql.js";

/**
 * Gives a page `sql` over the lake instead of Framework's own, which would ask another DuckDB in the browser: a cell that
 * declares it stands in front, and each literal ends its query when its cell runs again. A page that declares or imports a
 * `sql` of its own keeps it. Returns the page with its statements.
 */
export function withLakeSql<P extends Page>(page: P, path: string): P & {statements: readonly PageStatement[]} {
  const hasTables = Object.keys(page.data.sql ?? {}).length > 0;
  const isAsked = page.code.some(({node}) => node.references.some(({name}) => name === "sql"));
  const isOwn = page.code.some(({node}) => node.declarations?.some(({name}) => name === "sql"));
  if ((!isAsked && !hasTables) || isOwn) return {...page, statements: []};
  const literals = page.code.map(({node}) => literalsOf(node));
  const source = `import {lakeSql} from ${JSON.stringify(relativePath(path, sqlModule))};
const sql = lakeSql(${JSON.stringify(path)});`;
  const declaration: CodeCell = {id: idOf(source), node: parseJavaScript(source, {path}), mode: "block"};
  const {sql: _tables, ...data} = page.data;
  return {
    ...page,
    data,
    code: [declaration, ...page.code.map((cell, k) => untilItRunsAgain(cell, literals[k], page, path))],
    body: `<div hidden><!--:${declaration.id}:--></div>\n${page.body}`,
    statements: literals.flat().map(({statement}) => statement)
  };
}

const idOf = (source: string) => createHash("sha256").update(source).digest("hex").slice(0, 8);

interface Literal {
  /** Where its tag ends in the cell's source. */
  readonly tagEnd: number;
  readonly statement: PageStatement;
}

interface SyntaxNode {
  readonly type?: string;
  readonly start: number;
  readonly end: number;
  readonly name?: string;
  readonly tag?: SyntaxNode;
  readonly quasi?: {
    readonly quasis: readonly {readonly value: {readonly raw: string}}[];
    readonly expressions: readonly unknown[];
  };
}

function literalsOf({body}: ParsedCell): Literal[] {
  const found: Literal[] = [];
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) for (const child of node) walk(child);
    else if (node !== null && typeof node === "object") {
      const {type, tag, quasi} = node as SyntaxNode;
      if (type === "TaggedTemplateExpression" && tag?.type === "Identifier" && tag.name === "sql")
        found.push({
          tagEnd: tag.end,
          statement: {
            sql: quasi!.quasis.map(({value}) => value.raw).join("?"),
            hasInputs: quasi!.expressions.length > 0
          }
        });
      for (const child of Object.values(node)) walk(child);
    }
  };
  walk(body);
  return found;
}

function untilItRunsAgain(cell: CodeCell, literals: readonly Literal[], page: Page, path: string): CodeCell {
  if (literals.length === 0 || cell.mode === "jsx") return cell;
  let source = cell.node.input;
  for (const {tagEnd} of [...literals].sort((a, b) => b.tagEnd - a.tagEnd))
    source = `${source.slice(0, tagEnd)}.until(invalidation)${source.slice(tagEnd)}`;
  return {...cell, node: parseJavaScript(source, {path, params: page.params, inline: cell.mode === "inline"})};
}
