// The first file of the writer's thread: a thread has a module loader of its own, to which tsx must be added first.
import {register} from "tsx/esm/api";

register();
await import("./writer-thread.ts");
