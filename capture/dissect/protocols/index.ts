import type {Protocol} from "../protocol.ts";
import {dns} from "./dns.ts";
import {http} from "./http.ts";
import {ssh} from "./ssh.ts";
import {tls} from "./tls.ts";

/** Every protocol that is recognised; of two that could claim a payload, the first does. */
export const protocols: readonly Protocol[] = [tls, http, ssh, dns];
