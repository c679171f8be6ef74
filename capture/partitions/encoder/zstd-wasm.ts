// A module of its own to be imported on demand: bundled, the package's names are found by a static import only.
export {compress, decompress, init} from "@bokuweb/zstd-wasm";
