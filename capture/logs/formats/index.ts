import type {LogFormat} from "../log-flow.ts";
import {cicflowmeter} from "./cicflowmeter.ts";
import {eveFlow} from "./eve-flow.ts";
import {nfstream} from "./nfstream.ts";
import {zeekConn} from "./zeek-conn.ts";

/** Logs of flows that are read, one record a line; the first whose marks a file has is taken. */
export const logFormats: readonly LogFormat[] = [zeekConn, eveFlow, nfstream, cicflowmeter];
