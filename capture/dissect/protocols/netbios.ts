import type {Protocol} from "../protocol.ts";
import {SmbParser} from "./smb.ts";

/** NetBIOS name service, datagrams and session requests (RFC 1002 §4); in a session SMB follows, and names it. */
export const netbios: Protocol = {
  name: "netbios",
  begin: () => new SmbParser()
};
