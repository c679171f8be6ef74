import {existsSync, readFileSync} from "node:fs";
import {join} from "node:path";
import {packageNames} from "../../scripts/working-copy.js";

/** Versions by folder (`node_modules/a/node_modules/b`), as in npm's locks. */
export type PackageVersions = Readonly<Record<string, {readonly version?: string}>>;

/**
 * The packages below `root`: by npm's own list where node_modules is npm's, else by looking at each one's manifest, since
 * an installed package's copy has links to packages that npm put elsewhere.
 */
export function packagesOf(root: string): PackageVersions {
  const list = join(root, "node_modules/.package-lock.json");
  if (existsSync(list)) return JSON.parse(readFileSync(list, "utf8")).packages;
  const found: Record<string, {version?: string}> = {};
  const look = (folder: string) => {
    for (const name of packageNames(join(root, folder))) {
      const path = `${folder}/${name}`;
      const manifest = join(root, path, "package.json");
      if (!existsSync(manifest)) continue;
      found[path] = {version: JSON.parse(readFileSync(manifest, "utf8")).version};
      look(`${path}/node_modules`);
    }
  };
  look("node_modules");
  return found;
}
