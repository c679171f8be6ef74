import {createSocket, type RemoteInfo, type Socket} from "node:dgram";
import {networkInterfaces} from "node:os";

/**
 * Listens on every IPv4 address of this host with a socket of its own, so that an answer comes from the address that was
 * asked: a host of the lab has many.
 */
export function datagrams(port: number, answer: (message: Buffer, peer: RemoteInfo, socket: Socket) => void): void {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  for (const {address, family} of addresses) {
    if (family !== "IPv4") continue;
    const socket = createSocket("udp4");
    socket.on("message", (message, peer) => answer(message, peer, socket));
    socket.on("error", () => {});
    socket.bind(port, address);
  }
}
