import {readdirSync, readFileSync} from "node:fs";
import {resolve} from "node:path";
import {protocolNumbers, type SpokenProtocol} from "../../capture/dissect/conversation.ts";

/** What is said in a conversation: by the originator (0) or the responder (1). */
export interface Message {
  readonly side: 0 | 1;
  readonly bytes: Uint8Array;
}

/** A conversation of an application protocol as it should be. */
export interface Spoken {
  readonly proto: SpokenProtocol;
  /** Ports of the originator and the responder. */
  readonly ports: readonly [number, number];
  readonly messages: readonly Message[];
}

const folder = resolve(import.meta.dirname, "../../capture/dissect/protocols/fixtures");

/** The fixtures of all protocols that are recognised. */
export function spokenFixtures(): Spoken[] {
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const lines = readFileSync(resolve(folder, name), "utf8")
        .trim()
        .split("\n")
        .map((line) => /^(tcp|udp|sctp) (\d+) ([<>]) (\d+) (.+)$/.exec(line)!);
      const [, transport, from, , to] = lines[0];
      return {
        proto: protocolNumbers[transport as keyof typeof protocolNumbers],
        ports: [Number(from), Number(to)],
        messages: lines.map(([, , , way, , content]) => ({
          side: way === ">" ? 0 : 1,
          bytes: content.startsWith('"') ? Buffer.from(JSON.parse(content), "latin1") : Buffer.from(content, "hex")
        }))
      };
    });
}
