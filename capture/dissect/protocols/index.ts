import type {Protocol} from "../protocol.ts";
import {ftp} from "./ftp.ts";
import {netbios} from "./netbios.ts";
import {rtp} from "./rtp.ts";
import {smb} from "./smb.ts";
import {ssh} from "./ssh.ts";

/** The protocols that are read here; the core recognises them, with all others (core/protocols/index.ts). */
export const protocols: readonly Protocol[] = [ssh, ftp, smb, netbios, rtp];
