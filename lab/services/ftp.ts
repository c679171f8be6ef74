import {createReadStream, readFileSync, statSync} from "node:fs";
import {createServer, type Server, type Socket} from "node:net";
import {basename, join} from "node:path";
import {eachLine} from "./lines.ts";

/** FTP with passive data connections (RFC 959, RFC 2428 EPSV): login, LIST, RETR, SIZE, STOR. */
export function ftp(port: number, folder: string): void {
  const [user, password] = readFileSync(join(folder, "account"), "utf8").trim().split(":");
  createServer((control) => {
    let name = "";
    let known = false;
    let passive: Server | undefined;
    let data: Socket | undefined;
    const say = (text: string) => control.write(`${text}\r\n`);
    const withData = (use: (socket: Socket) => void) => {
      if (data) use(data);
      else passive?.once("connection", use);
    };
    const open = (answer: (port: number) => string) => {
      passive?.close();
      data = undefined;
      passive = createServer((socket) => {
        data = socket;
        socket.on("error", () => socket.destroy());
      }).listen(0, "::", () => say(answer((passive!.address() as {port: number}).port)));
    };
    control.on("error", () => control.destroy());
    control.on("close", () => passive?.close());
    say("220 files.lab.example ready");
    eachLine(control, (line) => {
      const [verb, argument] = [line.split(" ")[0].toUpperCase(), line.slice(line.indexOf(" ") + 1)];
      if (verb === "USER") {
        name = argument;
        say("331 password please");
      } else if (verb === "PASS") {
        known = name === user && argument === password;
        say(known ? "230 welcome" : "530 login incorrect");
      } else if (verb === "QUIT") control.end("221 bye\r\n");
      else if (verb === "SYST") say("215 UNIX Type: L8");
      else if (verb === "FEAT") say("211-Features\r\n EPSV\r\n SIZE\r\n211 End");
      else if (!known) say("530 log in first");
      else if (verb === "PWD") say('257 "/"');
      else if (["TYPE", "CWD", "OPTS", "NOOP", "MODE", "STRU"].includes(verb)) say("200 ok");
      else if (verb === "EPSV") open((p) => `229 entering extended passive mode (|||${p}|)`);
      else if (verb === "PASV") {
        const host = (control.localAddress ?? "").replace("::ffff:", "").replaceAll(".", ",");
        open((p) => `227 entering passive mode (${host},${p >> 8},${p & 255})`);
      } else if (verb === "SIZE") say(`213 ${sizeOf(folder, argument) ?? 0}`);
      else if (verb === "RETR" && sizeOf(folder, argument) === undefined) say("550 no such file");
      else if (["LIST", "NLST", "RETR", "STOR"].includes(verb)) {
        say("150 here it comes");
        withData((socket) => {
          socket.once("close", () => say("226 done"));
          if (verb === "RETR") createReadStream(join(folder, "files", basename(argument))).pipe(socket);
          else if (verb === "STOR") socket.resume();
          else
            socket.end(
              Array.from({length: 8}, (_, i) => `-rw-r--r-- 1 0 0 ${3000 * i} Jan 01 00:00 ${i}.bin\r\n`).join("")
            );
        });
      } else say("502 not known");
    });
  }).listen(port, "::");
}

function sizeOf(folder: string, name: string): number | undefined {
  return statSync(join(folder, "files", basename(name)), {throwIfNoEntry: false})?.size;
}
