import {createSocket} from "node:dgram";
import {readFileSync} from "node:fs";
import {join} from "node:path";
import {Random} from "../random.ts";
import {datagrams} from "./datagrams.ts";

/** A resolver that asks one to three of the name servers in the folder's `upstreams` for every question it gets. */
export function forward(port: number, folder: string): void {
  const upstreams = readFileSync(join(folder, "upstreams"), "utf8").split("\n").filter(Boolean);
  const random = new Random(port);
  datagrams(port, (question, peer, socket) => {
    let answered = false;
    for (const upstream of random.shuffled(upstreams).slice(0, random.integer(1, 3))) {
      const onward = createSocket("udp4");
      const timer = setTimeout(() => onward.close(), 2500);
      onward.once("message", (answer) => {
        if (!answered) socket.send(answer, peer.port, peer.address);
        answered = true;
        clearTimeout(timer);
        onward.close();
      });
      onward.on("error", () => {});
      onward.send(question, 53, upstream);
    }
  });
}
