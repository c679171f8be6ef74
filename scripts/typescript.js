// tsx, which runs TypeScript as it lies, with its cache in a folder of this user alone. By itself it takes /tmp/tsx-UID, where
// somebody else may have put something before.
import {cacheFolder} from "./working-copy.js";

/** Imports tsx by `load`, once for a process; it looks for its cache's place while it is loaded. */
export async function withOwnCache(load) {
  // Windows has a temporary folder for each user.
  if (process.platform === "win32") return load();
  const {TMPDIR} = process.env;
  try {
    process.env.TMPDIR = cacheFolder();
  } catch {
    process.env.TSX_DISABLE_CACHE = "1";
  }
  try {
    return await load();
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
}

/** Lets this process import TypeScript. */
export async function registerTypeScript() {
  await withOwnCache(async () => {
    const {register} = await import("tsx/esm/api");
    // The thread of its hooks looks for the place, too.
    register();
  });
}
