/**
 * MD5 and SHA-256 of long contents, by the host: it has the processor's instructions for them, which WebAssembly lacks.
 * Contents go by numbers, from 1 on. The module imports these functions by the name of this file.
 */

/** 0 where the host may not. */
export declare function openDigests(): i32;

/** Takes the next bytes. */
export declare function takeBytes(digests: i32, at: usize, length: usize): void;

/** Writes the MD5 (16 bytes) and the SHA-256 (32 bytes) behind it; the number is free then. */
export declare function closeDigests(digests: i32, at: usize): void;

/** Frees the number. */
export declare function dropDigests(digests: i32): void;
