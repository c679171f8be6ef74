import {addressKey} from "../address-key.js";
import type {FlowTable, NumberColumn, Numbers, TextColumnName, Texts} from "../flow-table.js";
import type {Query, Test, Value} from "./ast.js";
import {type Field, fields} from "./fields.js";

/** A query as a test of the rows of a table: the same as {@link querySql}. Texts are tested once for each of their values. */
export function queryRows(query: Query, flows: FlowTable): (row: number) => boolean {
  if (query.kind === "test") return testRows(query, flows);
  if (query.kind === "not") {
    const holds = queryRows(query.of, flows);
    return (row) => !holds(row);
  }
  const of = query.of.map((each) => queryRows(each, flows));
  return query.kind === "and" ? (row) => of.every((holds) => holds(row)) : (row) => of.some((holds) => holds(row));
}

function testRows({field: name, operator, values}: Test, flows: FlowTable): (row: number) => boolean {
  const field = fields[name];
  const either = values.flatMap((value) => {
    if (field.kind === "address" && value.kind === "text")
      return [textRows(flows.texts.server_name, (text) => isName(text, operator, value.text), false)];
    if (field.isSum)
      return [
        numberRows(
          field.columns.map((column) => flows.numbers[column as NumberColumn]),
          operator,
          value
        )
      ];
    return field.columns.map((column) =>
      column in flows.numbers
        ? numberRows([flows.numbers[column as NumberColumn]], operator, value)
        : textRows(flows.texts[column as TextColumnName], textTest(field, operator, value), value.kind === "none")
    );
  });
  const holds = either.length === 1 ? either[0] : (row: number) => either.some((each) => each(row));
  return operator === "!=" ? (row) => !holds(row) : holds;
}

function numberRows(columns: readonly Numbers[], operator: Test["operator"], value: Value): (row: number) => boolean {
  const [a, b] = columns;
  const at = b ? (row: number) => a[row] + b[row] : (row: number) => a[row];
  if (value.kind === "none") return (row) => Number.isNaN(at(row));
  if (value.kind === "numbers") return (row) => at(row) >= value.from && at(row) <= value.to;
  if (value.kind !== "number") return () => false;
  const {value: wanted} = value;
  if (operator === "<") return (row) => at(row) < wanted;
  if (operator === "<=") return (row) => at(row) <= wanted;
  if (operator === ">") return (row) => at(row) > wanted;
  if (operator === ">=") return (row) => at(row) >= wanted;
  return (row) => at(row) === wanted;
}

function textRows({codes, values}: Texts, holds: (text: string) => boolean, none: boolean): (row: number) => boolean {
  const held = Uint8Array.from(values, (text) => (holds(text) ? 1 : 0));
  return (row) => (codes[row] < 0 ? none : held[codes[row]] === 1);
}

function textTest({kind}: Field, operator: Test["operator"], value: Value): (text: string) => boolean {
  if (value.kind === "addresses") {
    const {from, to} = value;
    return (text) => {
      const key = addressKey(text);
      return key >= from && key <= to;
    };
  }
  if (value.kind !== "text") return () => false;
  return (text) => isText(text, operator, value.text, kind === "text");
}

function isText(text: string, operator: Test["operator"], wanted: string, isPattern: boolean): boolean {
  const found = text.toLowerCase();
  if (operator === "~") return found.includes(wanted);
  return isPattern && wanted.includes("*") ? matches(found, wanted) : found === wanted;
}

function isName(text: string, operator: Test["operator"], name: string): boolean {
  if (operator === "~" || name.includes("*")) return isText(text, operator, name, true);
  const found = text.toLowerCase();
  return found === name || found.endsWith(`.${name}`);
}

/** Whether a text is a pattern's, in which `*` stands for anything; without a regular expression, which a stranger could make slow. */
function matches(text: string, pattern: string): boolean {
  const parts = pattern.split("*");
  const [first, last] = [parts[0], parts[parts.length - 1]];
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
