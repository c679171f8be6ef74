import {DuckDBInstance} from "@duckdb/node-api";

/**
 * An engine in memory, of one thread, for questions to files of the lake and for writing merged ones. `memory`: its
 * limit; `temporary`: where it may put what exceeds it, none where empty. Imported only when it is needed: most
 * imports of captures are done before the engine's library would have been loaded.
 */
export function openEngine(memory: string, temporary: string): Promise<DuckDBInstance> {
  return DuckDBInstance.create(":memory:", {
    threads: "1",
    memory_limit: memory,
    temp_directory: temporary,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false"
  });
}
