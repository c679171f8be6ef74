import type {DuckDBConnection} from "@duckdb/node-api";
import type {QueryEngine, Value} from "../../schema/engine.ts";
import {duckdbDialect} from "../engines/duckdb-dialect.ts";
import {chunkRows} from "./duckdb-values.ts";

/** A connection of ours as what questions are asked of: without limits, and what it reads is its owner's affair. */
export function connectionEngine(connection: DuckDBConnection): QueryEngine {
  return {
    dialect: duckdbDialect,
    async query(sql, parameters: readonly Value[] = []) {
      const result = await connection.run(sql, [...parameters]);
      const names = result.columnNames();
      const columns = result.columnTypes().map((type, k) => ({name: names[k], type: String(type)}));
      return {columns, rows: (await result.fetchAllChunks()).flatMap(chunkRows)};
    },
    close: async () => {}
  };
}
