import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";

/** Makes a folder for what several test files would each make, and removes it after the last of them; one for all projects. */
export default function setup(): () => void {
  if (process.env.FLOWBOOK_TEST_FOLDER) return () => {};
  const folder = mkdtempSync(join(tmpdir(), "flowbook-tests-"));
  process.env.FLOWBOOK_TEST_FOLDER = folder;
  return () => {
    delete process.env.FLOWBOOK_TEST_FOLDER;
    rmSync(folder, {recursive: true, force: true});
  };
}
