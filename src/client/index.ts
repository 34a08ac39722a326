export { type Client, type ClientOptions, createClient } from "./client.ts";
export type { Collection, ListOptions, PutOptions } from "./collection.ts";
export {
  CancelledError,
  GoneError,
  ProblemError,
  ResourceFailedError,
  TimeLimitError,
  UnreachableError,
} from "./errors.ts";
export { follow, type Following, type FollowOptions } from "./following/follow.ts";
export type { HistoryLine } from "./history.ts";
export {
  azure,
  byStatus,
  embeddedStatus,
  type FinalStatuses,
  google,
  type Reader,
  type Reading,
  type Snapshot,
} from "./following/reading.ts";
export type { EditOptions, ResourceHandle } from "./resource-handle.ts";
export type { CallOptions, Retry } from "./http/send.ts";
export type { FollowedState, ResourceError } from "./following/state.ts";
export type { WaitOptions } from "./following/states.ts";
export type { HeadersInput, TransportOptions } from "./http/transport.ts";
export type {
  ConfigurationInput,
  FailedState,
  InProgressState,
  ListedResource,
  MergePatch,
  ResourceState,
  SucceededState,
  TypedApp,
} from "./types.ts";
export type { WriteOptions } from "./http/write.ts";
