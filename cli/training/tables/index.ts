import {cicAliases, cicflowmeter} from "./cicflowmeter.ts";
import type {TableFormat} from "./format.ts";
import {nslKdd} from "./nsl-kdd.ts";
import {unswAliases, unswNb15} from "./unsw-nb15.ts";
import {zeekConn} from "./zeek-conn.ts";

/** Formats of tables that can be learnt from; the first whose marks a file has is taken. */
export const tableFormats: readonly TableFormat[] = [cicflowmeter, unswNb15, nslKdd, zeekConn];

/** Other names of columns, by the name that the formats use. */
export const aliases: Readonly<Record<string, readonly string[]>> = {...cicAliases, ...unswAliases};
