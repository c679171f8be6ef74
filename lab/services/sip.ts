import {datagrams} from "./datagrams.ts";

/** A telephone exchange over UDP (RFC 3261): asks for a digest, then registers; answers OPTIONS, INVITE and BYE. */
export function sip(port: number): void {
  datagrams(port, (message, peer, socket) => {
    const text = message.toString("latin1");
    const method = text.slice(0, text.indexOf(" "));
    const header = (name: string) => new RegExp(`^${name}: .*$`, "im").exec(text)?.[0].trim() ?? `${name}: -`;
    const say = (status: string, more: readonly string[] = [], body = "") => {
      const lines = [`SIP/2.0 ${status}`, ...["Via", "From", "To", "Call-ID", "CSeq"].map(header), ...more];
      socket.send(`${lines.join("\r\n")}\r\nContent-Length: ${body.length}\r\n\r\n${body}`, peer.port, peer.address);
    };
    if (method === "REGISTER" && !/^Authorization:/im.test(text))
      say("401 Unauthorized", ['WWW-Authenticate: Digest realm="lab", nonce="8f2a1c", algorithm=MD5']);
    else if (method === "INVITE") {
      say("100 Trying");
      setTimeout(() => say("180 Ringing"), 120);
      setTimeout(() => say("200 OK", ["Content-Type: application/sdp"], description(peer.address)), 900);
    } else if (["REGISTER", "OPTIONS", "BYE"].includes(method)) say("200 OK", ["Expires: 60"]);
  });
}

/** A session description with one audio stream (RFC 8866). */
export function description(address: string): string {
  return `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio 16384 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\n`;
}
