import {Random} from "../random.ts";
import {datagrams} from "./datagrams.ts";

/** The far end of games and tunnels: answers most datagrams with one of a like size. */
export function echo(port: number): void {
  const random = new Random(port);
  datagrams(port, (message, peer, socket) => {
    const answers = random.weighted([
      [0, 2],
      [1, 7],
      [2, 1]
    ]);
    for (let i = 0; i < answers; i++)
      socket.send(
        random.bytes(Math.max(20, Math.round(message.length * random.uniform(0.4, 1.6)))),
        peer.port,
        peer.address
      );
  });
}
