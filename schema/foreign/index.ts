import {ecs} from "./ecs.ts";
import type {ForeignView} from "./foreign-view.ts";
import {ipfix} from "./ipfix.ts";
import {ocsf} from "./ocsf.ts";
import {zeekConn} from "./zeek-conn.ts";
import {zeekDns, zeekHttp, zeekSsl} from "./zeek-records.ts";

/** Views in the names of other programs and standards, beside those of CICFlowMeter. A new one is a file and a word here. */
export const foreignViews: readonly ForeignView[] = [zeekConn, zeekDns, zeekHttp, zeekSsl, ecs, ocsf, ipfix];
