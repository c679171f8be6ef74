import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";

/** Makes a folder for what several test files would each make, and removes it after the last of them. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "flowbook-tests-"));
  process.env.FLOWBOOK_TEST_FOLDER = folder;
  return () => rmSync(folder, {recursive: true, force: true});
}
