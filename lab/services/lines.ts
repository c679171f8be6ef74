import {createServer, type Socket} from "node:net";

/** Answers every line with one of its own: a chat room, or the far end of a beacon over plain TCP. */
export function lines(port: number): void {
  createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("data", (data) => socket.write(`ok ${data.length} ${"-".repeat(data.length % 60)}\n`));
    socket.on("end", () => socket.end());
  }).listen(port, "::");
}

/** Calls back for every line that the peer sends, without its end; at most 64 kB are held. */
export function eachLine(socket: Socket, onLine: (line: string) => void): void {
  let rest = "";
  socket.on("data", (data) => {
    const parts = (rest + data.toString("latin1")).split(/\r?\n/);
    rest = parts.pop()!.slice(-65_536);
    for (const line of parts) onLine(line);
  });
}
