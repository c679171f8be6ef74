import {isSensor} from "../../schema/sensor.ts";
import {type TableName, tables} from "../../schema/tables.ts";

/** A file of a lake's table: `<table>/<part>….parquet`. */
export interface TableFile {
  readonly table: TableName;
  readonly name: string;
}

/** What a sensor says of itself and of what it has not sent yet. */
export const stateName = "state.json";

/** The objects that say which captures are forgotten begin so. */
export const forgottenFolder = "forgotten/";

/** The objects of a sensor begin so: a partition by sensor, as engines over Parquet read it. */
export function sensorFolder(sensor: string): string {
  return `sensor=${sensor}/`;
}

export function keyOfFile(sensor: string, {table, name}: TableFile): string {
  return `${sensorFolder(sensor)}${table}/${name}`;
}

/** The sensor that a folder of the store is of; null where it is none's. */
export function sensorOfFolder(folder: string): string | null {
  const name = folder.startsWith("sensor=") ? folder.slice("sensor=".length) : "";
  return isSensor(name) ? name : null;
}

const tableNames = new Set<string>(tables.map(({name}) => name));

/**
 * The file that an object of a sensor is; null where it is none of a lake's. A store may hold anything under any name:
 * nothing but a plain name in a known table becomes a path.
 */
export function fileOfKey(sensor: string, key: string): TableFile | null {
  const start = sensorFolder(sensor);
  if (!key.startsWith(start)) return null;
  const [table, name, ...rest] = key.slice(start.length).split("/");
  if (rest.length > 0 || !tableNames.has(table) || !isFileName(name)) return null;
  return {table: table as TableName, name};
}

function isFileName(name: string | undefined): name is string {
  return (
    name !== undefined && name.length <= 200 && /^[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*\.parquet$/.test(name)
  );
}
