export { crashAfterEveryCommit, type RecordedStep, type ResourceRun, runResource } from "./run-resource.ts";
export type { RunOptions, TestedMessage } from "./run-options.ts";
export { virtualClock, type VirtualClock } from "./virtual-clock.ts";
