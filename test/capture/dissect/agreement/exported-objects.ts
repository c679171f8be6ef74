import {execFileSync} from "node:child_process";
import {createHash} from "node:crypto";
import {mkdtempSync, readdirSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";

export interface ExportedObject {
  readonly sha256: string;
  /**
   * Whether it is a file. Where a segment of HTTP is missing tshark exports each segment behind the hole as an object of its own:
   * a body has a length that a message of the capture states, by Content-Length or chunks. Of SMB it exports pipes, too.
   */
  readonly isFile: boolean;
}

/** The files that `tshark --export-objects` takes out of a capture, of bodies as they were transferred. */
export function exportedObjects(file: string, protocol: "http" | "ftp-data" | "tftp" | "smb"): ExportedObject[] {
  const folder = mkdtempSync(join(tmpdir(), "flowbook-objects-"));
  try {
    const options = ["-o", "http.decompress_body:FALSE", "-q", "--export-objects", `${protocol},${folder}`];
    execFileSync("tshark", ["-n", "-r", file, ...options], {stdio: "ignore"});
    const objects = readdirSync(folder)
      .map((name) => ({name, content: readFileSync(join(folder, name))}))
      .filter(({content}) => content.length > 0);
    const stated = protocol === "http" && objects.length > 0 ? statedLengths(file) : null;
    return objects.map(({name, content}) => ({
      sha256: createHash("sha256").update(content).digest("hex"),
      isFile: stated?.has(content.length) ?? !(protocol === "smb" && isPipe(name))
    }));
  } finally {
    rmSync(folder, {recursive: true});
  }
}

/** Pipes lie at the top of IPC$, and their names have no ending; tshark escapes the backslash. */
const isPipe = (name: string) => /^%5c\w+(\(\d+\))?$/.test(name);

/** Lengths of bodies that the messages of a capture state. */
function statedLengths(file: string): ReadonlySet<number> {
  const fields = ["-T", "fields", "-e", "http.content_length_header", "-e", "http.chunk_size"];
  const lines = execFileSync("tshark", ["-n", "-r", file, "-Y", "http.request || http.response", ...fields], {
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: 2 ** 28
  });
  const numbers = (list: string) => (list ? list.split(",").map(Number) : []);
  return new Set(
    lines
      .toString()
      .split("\n")
      .map((line) => line.split("\t"))
      .flatMap(([lengths, chunks = ""]) => [...numbers(lengths), numbers(chunks).reduce((sum, size) => sum + size, 0)])
  );
}
