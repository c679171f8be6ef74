import {createServer} from "node:net";

/** Takes whatever comes and says a word at the end: a printer, a place for backups. */
export function sink(port: number): void {
  createServer({allowHalfOpen: true}, (socket) => {
    socket.on("error", () => socket.destroy());
    socket.resume();
    socket.on("end", () => socket.end("ok\r\n"));
    socket.setTimeout(60_000, () => socket.destroy());
  }).listen(port, "::");
}
