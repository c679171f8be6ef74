import {addressKeySql} from "../address-key.js";
import type {Query, Test, Value} from "./ast.js";
import {columnSql, type Field, fields} from "./fields.js";

/** A query as a condition of SQL over `flows AS f`, `verdicts AS v`, `flow_incidents AS i`; true or false, never NULL. */
export function querySql(query: Query, addressKey: AddressKey = addressKeySql): string {
  if (query.kind === "not") return `NOT (${querySql(query.of, addressKey)})`;
  if (query.kind === "test") return testSql(query, addressKey);
  return `(${query.of.map((of) => querySql(of, addressKey)).join(query.kind === "and" ? " AND " : " OR ")})`;
}

type AddressKey = (column: string) => string;

function testSql({field: name, operator, values}: Test, addressKey: AddressKey): string {
  const field = fields[name];
  const columns = field.isSum ? [field.columns.map(columnSql).join(" + ")] : field.columns.map(columnSql);
  const either = values.flatMap((value) => {
    // A host that is no address is a name.
    if (field.kind === "address" && value.kind === "text") return [nameSql(value.text, operator)];
    return columns.map((column) => valueSql(field, column, operator, value, addressKey));
  });
  const sql = either.length === 1 ? either[0] : `(${either.join(" OR ")})`;
  return operator === "!=" ? `NOT ${sql}` : sql;
}

/** What holds where a field is the value; `!=` is that it is none of them. */
function valueSql(
  {kind, isSum}: Field,
  column: string,
  operator: Test["operator"],
  value: Value,
  addressKey: AddressKey
): string {
  const it = isSum || column.startsWith("CASE") ? `(${column})` : column;
  if (value.kind === "none") return `(${it} IS NULL)`;
  if (value.kind === "numbers") {
    const isWhole = [value.from, value.to].every(Number.isInteger);
    return known(`${numberSql(it, isWhole)} BETWEEN ${exact(value.from)} AND ${exact(value.to)}`);
  }
  if (value.kind === "addresses") return known(addressesSql(column, value, addressKey));
  if (value.kind === "number") {
    const left = numberSql(it, Number.isInteger(value.value));
    return known(`${left} ${operator === "!=" ? "=" : operator} ${exact(value.value)}`);
  }
  return known(textSql(it, operator, value.text, kind === "text"));
}

/** A column of single precision equals no decimal number: it is compared as the page has it. */
function numberSql(column: string, isWhole: boolean): string {
  return isWhole ? column : `CAST(${column} AS DOUBLE)`;
}

function exact(value: number): string {
  return Number.isInteger(value) ? String(value) : `CAST('${value}' AS DOUBLE)`;
}

function textSql(column: string, operator: Test["operator"], text: string, isPattern: boolean): string {
  if (operator === "~") return like(column, `%${escaped(text)}%`);
  if (!isPattern || !text.includes("*")) return `lower(${column}) = ${literal(text)}`;
  return like(column, escaped(text).replaceAll("*", "%"));
}

const escaped = (text: string) => text.replace(/[\\%_]/g, "\\$&");

/** Without an escaped character DuckDB searches for the text itself, which is faster. */
function like(column: string, pattern: string): string {
  return `lower(${column}) LIKE ${literal(pattern)}${pattern.includes("\\") ? " ESCAPE '\\'" : ""}`;
}

function nameSql(name: string, operator: Test["operator"]): string {
  const column = columnSql("server_name");
  if (operator === "~" || name.includes("*")) return known(textSql(column, operator, name, true));
  return known(`(lower(${column}) = ${literal(name)} OR ${like(column, `%.${escaped(name)}`)})`);
}

/** Networks of IPv4 are found by their octets, which costs a tenth of making numbers of addresses. */
function addressesSql(
  column: string,
  {from, to, text}: Extract<Value, {kind: "addresses"}>,
  addressKey: AddressKey
): string {
  if (text !== null) return `${column} = ${literal(text)}`;
  if (from[0] === "6")
    return `CASE WHEN ${column} LIKE '%:%' THEN ${addressKey(column)} BETWEEN '${from}' AND '${to}' ELSE FALSE END`;
  const [a, b] = [octets(from), octets(to)];
  const same = a.findIndex((octet, i) => octet !== b[i]);
  const isAligned = a.slice(same + 1).every((octet, i) => octet === 0 && b[same + 1 + i] === 255);
  if (!isAligned)
    return `CASE WHEN ${column} LIKE '%:%' THEN FALSE ELSE ${addressKey(column)} BETWEEN '${from}' AND '${to}' END`;
  const begins = same === 0 ? [] : [`starts_with(${column}, '${a.slice(0, same).join(".")}.')`];
  const isAll = a[same] === 0 && b[same] === 255;
  const between = `TRY_CAST(split_part(${column}, '.', ${same + 1}) AS INTEGER) BETWEEN ${a[same]} AND ${b[same]}`;
  return [...begins, ...(isAll && same > 0 ? [] : [between])].join(" AND ");
}

function octets(key: string): number[] {
  return [1, 3, 5, 7].map((at) => Number.parseInt(key.slice(at, at + 2), 16));
}

const known = (sql: string) => `COALESCE(${sql}, FALSE)`;
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
