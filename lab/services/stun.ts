import {datagrams} from "./datagrams.ts";

/** Tells a STUN client the address it comes from (RFC 8489 §14.2). */
export function stun(port: number): void {
  datagrams(port, (request, peer, socket) => {
    if (request.length < 20 || request.readUInt16BE(0) !== 1) return;
    const answer = Buffer.alloc(32);
    answer.writeUInt16BE(0x0101, 0);
    answer.writeUInt16BE(12, 2);
    request.copy(answer, 4, 4, 20);
    answer.writeUInt16BE(0x0020, 20);
    answer.writeUInt16BE(8, 22);
    answer.writeUInt8(1, 25);
    answer.writeUInt16BE(peer.port ^ 0x2112, 26);
    for (const [i, part] of peer.address.split(".").entries()) answer[28 + i] = Number(part) ^ answer[4 + i];
    socket.send(answer, peer.port, peer.address);
  });
}
