import {createHash} from "node:crypto";
import {copyFileSync, existsSync, linkSync, statSync} from "node:fs";
import {extname, join} from "node:path";
import type {PageTable} from "../../loaders/lake/page-tables.ts";

/**
 * A page's table with its file in the folder of a queries' process, the only one beside the lake's tables that its engine
 * may read. The file is linked where that can be, else copied; the same content is brought once.
 */
export function broughtTo(folder: string, table: PageTable): PageTable {
  if ("table" in table.from) return table;
  const {file} = table.from;
  const {size, mtimeMs} = statSync(file);
  const name = createHash("sha256").update(`${file}\0${size}\0${mtimeMs}`).digest("hex").slice(0, 32);
  const brought = join(folder, `table-${name}${extname(file).toLowerCase()}`);
  if (!existsSync(brought))
    try {
      linkSync(file, brought);
    } catch {
      // Another disk, or a file of somebody else's.
      copyFileSync(file, brought);
    }
  return {...table, from: {file: brought}};
}
