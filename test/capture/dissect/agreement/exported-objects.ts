import {execFileSync} from "node:child_process";
import {createHash} from "node:crypto";
import {mkdtempSync, readdirSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";

/** SHA-256 of the files that `tshark --export-objects` takes out of a capture, of bodies as they were transferred. */
export function exportedObjects(file: string, protocol: "http" | "ftp-data" | "tftp" | "smb"): string[] {
  const folder = mkdtempSync(join(tmpdir(), "flowbook-objects-"));
  try {
    const options = ["-o", "http.decompress_body:FALSE", "-q", "--export-objects", `${protocol},${folder}`];
    execFileSync("tshark", ["-n", "-r", file, ...options], {stdio: "ignore"});
    return readdirSync(folder)
      .map((name) => readFileSync(join(folder, name)))
      .filter((content) => content.length > 0)
      .map((content) => createHash("sha256").update(content).digest("hex"))
      .sort();
  } finally {
    rmSync(folder, {recursive: true});
  }
}
