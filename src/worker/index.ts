export { AttemptAbort, type AbortCode } from "./attempt/abort.ts";
export { attributeFault } from "./attempt/scope.ts";
export type { IsolationOptions } from "./isolation/isolation.ts";
export { createWorker, type Worker, type WorkerOptions, type WorkerStopOptions } from "./worker.ts";
