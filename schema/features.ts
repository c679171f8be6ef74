import type {Column} from "./column.ts";

/** The `fb1` features, in the order a model sees them. */
export const fb1Columns = [] as const satisfies readonly Column[];

/** One row per flow: its features as 32-bit floats, apart from the lean `flows` table. */
export const featureColumns = [{name: "flow_id", type: "BIGINT", doc: "The flow described."}, {name: "capture_sha256", type: "VARCHAR", doc: "The capture of that flow."}, ...fb1Columns] as const satisfies readonly Column[];
