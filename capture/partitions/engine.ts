import {DuckDBInstance} from "@duckdb/node-api";

/** Settings of every engine: nothing is fetched or loaded by itself, whatever a statement or a file asks for. */
export const closedSettings = {
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
  allow_community_extensions: "false",
  allow_persistent_secrets: "false"
} as const;

/**
 * An engine in memory, of one thread, for questions to files of the lake and for writing merged ones. `memory`: its
 * limit; `temporary`: where it may put what exceeds it, nowhere where empty, its own choice without it. `hasFiles`: false
 * for one with tables of its own alone, which then reads and writes no file. Imported only when it is needed: most
 * imports of captures are done before the engine's library would have been loaded.
 */
export function openEngine(memory: string, temporary?: string, hasFiles = true): Promise<DuckDBInstance> {
  return DuckDBInstance.create(":memory:", {
    ...closedSettings,
    threads: "1",
    memory_limit: memory,
    ...(temporary === undefined ? {} : {temp_directory: temporary}),
    ...(hasFiles ? {} : {enable_external_access: "false"})
  });
}
