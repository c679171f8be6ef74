import {type Configuration, readConfiguration} from "./configuration.ts";

/** The settings that results depend on, by the names of flowbook.toml: a changed one makes them stale. */
export function loaderSettings({localNets}: Configuration = readConfiguration()): Record<string, unknown> {
  return {local_nets: localNets};
}
