/** Contents of files, for a host that keeps them. The module imports these functions by the name of this file. */

/** Hands bytes of a file over, by the address of its transfer and when it began. */
export declare function fileBytes(transfer: usize, ts: f64, start: usize, end: usize): void;

/** Tells that all bytes of a file were handed over. */
export declare function fileEnd(transfer: usize, id: u64, ts: f64): void;
