export { AttemptAbort, type AbortCode } from "./abort.ts";
export { attributeFault } from "./faults.ts";
export type { IsolationOptions } from "./isolation/isolation.ts";
export { createWorker, type Worker, type WorkerOptions, type WorkerStopOptions } from "./worker.ts";
