import {datagrams} from "./datagrams.ts";

/** Answers NTP clients (RFC 5905, 48 octets) with this machine's time. */
export function ntp(port: number): void {
  datagrams(port, (request, peer, socket) => {
    if (request.length < 48) return;
    const answer = Buffer.alloc(48);
    answer.writeUInt8(0x24, 0);
    answer.writeUInt8(2, 1);
    request.copy(answer, 24, 40, 48);
    const seconds = Date.now() / 1000 + 2_208_988_800;
    for (const offset of [16, 32, 40]) {
      answer.writeUInt32BE(Math.floor(seconds), offset);
      answer.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), offset + 4);
    }
    socket.send(answer, peer.port, peer.address);
  });
}
