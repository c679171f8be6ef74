// Switches off what packages report to their makers; imported before any of them loads. Child processes inherit it, and so
// do threads: a thread's own process.env is a copy that native code does not see, so the main thread has to set it.
Object.assign(process.env, {
  // ONNX Runtime from 1.29 on; the pinned version has no telemetry in it.
  ORT_DISABLE_TELEMETRY: "1",
  // Observable Framework.
  OBSERVABLE_TELEMETRY_DISABLE: "true",
  // What npm starts, or is started by us, asks for no newer version of itself.
  npm_config_update_notifier: "false"
});
