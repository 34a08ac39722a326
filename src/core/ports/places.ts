/** What a worker has places for. */
export interface ClaimPlaces {
  readonly type: string;
  readonly kinds: readonly string[];
  readonly free: number;
}
