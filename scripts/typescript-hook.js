// node --import=scripts/typescript-hook.js FILE.ts
import {withOwnCache} from "./typescript.js";

await withOwnCache(() => import("tsx"));
