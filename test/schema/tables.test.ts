import {DuckDBInstance} from "@duckdb/node-api";
import {describe, expect, it} from "vitest";
import {createTable, emptyQuery} from "../../schema/ddl.ts";
import {table, tables} from "../../schema/tables.ts";

const units = ["us", "ms", "s", "bytes", "pkts", "packets"];

describe("the lists of columns", () => {
  for (const {name, columns, sortBy} of tables) {
    it(`${name}: names are snake_case, used once, and sortBy names columns`, () => {
      const names: string[] = columns.map((column) => column.name);
      expect(names.filter((column) => !/^[a-z][a-z0-9_]*$/.test(column))).toEqual([]);
      expect(new Set(names).size).toBe(names.length);
      expect((sortBy as readonly string[]).filter((column) => !names.includes(column))).toEqual([]);
    });

    it(`${name}: every column says in a sentence what it holds`, () => {
      expect(columns.filter((column) => !/[.…]$/.test(column.doc)).map((column) => column.name)).toEqual([]);
    });
  }

  it("a µs column that is no timestamp ends in _us", () => {
    const wrong = tables.flatMap((t) =>
      (t.columns as readonly {name: string; type: string; unit?: string}[])
        .filter((c) => c.unit === "µs" && !c.name.split("_").some((word) => units.includes(word)))
        .map((c) => `${t.name}.${c.name}`)
    );
    expect(wrong).toEqual([]);
  });

  it("an unknown table is a mistake of the caller", () => {
    expect(() => table("flow" as never)).toThrow("no table flow; there are flows, features");
  });
});

describe("what follows from the lists", () => {
  it("DuckDB makes every table, and the empty query has the same names and types", async () => {
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    for (const t of tables) {
      await connection.run(createTable(t));
      const made = await connection.runAndReadAll(`SELECT * FROM "${t.name}"`);
      const empty = await connection.runAndReadAll(emptyQuery(t));
      expect(made.columnNames()).toEqual(t.columns.map((column) => column.name));
      expect(made.columnTypes().map(String)).toEqual(t.columns.map((column) => column.type));
      expect(empty.columnNames()).toEqual(made.columnNames());
      expect(empty.columnTypes().map(String)).toEqual(made.columnTypes().map(String));
      expect(empty.currentRowCount).toBe(0);
    }
    connection.closeSync();
    instance.closeSync();
  });
});
