/** The module that meters packets and reads their payloads: one memory, so that no byte is copied between the two. */

export * from "./meter/index";
export * from "./dissect/index";
