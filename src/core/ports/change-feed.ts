import type { Notice } from "./messages.ts";

/** What one process tells the others that share its store. */
export interface ChangeFeedMessage {
  readonly notices: readonly Notice[];
  /** Operations of these types are due. */
  readonly wakes: readonly string[];
}

export interface ChangeFeedListener {
  readonly onMessage: (news: ChangeFeedMessage) => void;
  /** Something may have been missed: whoever waits for news has to look at the store. Also said once when listening begins. */
  readonly onGap: () => void;
}

/** How far a worker's beat has come. */
export interface WorkerHeartbeat {
  readonly worker: string;
  /** Grows with each beat. */
  readonly number: number;
}

/** What a store carries between the processes that share it. */
export interface StoreSharing {
  /** Tells the other processes, a moment later and together with what else is said in it. Never waits; what is said may be lost. */
  publish(news: ChangeFeedMessage): void;
  /** Hears what the others say, from the opening of the store on. The returned function takes it back. */
  subscribe(listener: ChangeFeedListener): () => void;
  /**
   * Keeps the latest beat of each worker, for every process to see. Queues behind no other call; may be forgotten when the store
   * crashes.
   */
  saveHeartbeats(beats: readonly WorkerHeartbeat[]): Promise<void>;
  /** The latest beats of these workers, those that are known. */
  readHeartbeats(workers: readonly string[]): Promise<readonly WorkerHeartbeat[]>;
}
