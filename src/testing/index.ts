export { checkResource, type CheckOptions, type CheckReport } from "./check/check-resource.ts";
export type { EffectKey, EffectRequest, Effects } from "./check/effects.ts";
export type { Finding } from "./check/finding.ts";
export type { CheckedRun, CheckedType, OptionsFor } from "./check/run-once.ts";
export { crashAfterEveryCommit, type RecordedStep, type ResourceRun, runResource } from "./run-resource.ts";
export type { ChildFake, ChildFakes, RequestOptions, RunOptions, TestedMessage } from "./run-options.ts";
export { virtualClock, type VirtualClock } from "./virtual-clock.ts";
