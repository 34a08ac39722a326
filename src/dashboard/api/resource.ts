import { keepPreviousData, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { GoneError, type HistoryLine, ProblemError } from "afoot/client";
import { useResource } from "afoot/react";
import { useEffect, useState } from "react";
import { useSeldom } from "../components/use-debounced.ts";
import { API } from "./ask.ts";
import { readHistory } from "./client.ts";
import { authorization, refused, useCredentials } from "./credentials.ts";
import { type Heard, heard } from "./resources.ts";
import { useWatch } from "./watch.ts";

export type Representation = Readonly<Record<string, unknown>>;

/** One resource as it is now: its own representation, what the dashboard knows besides, and what has happened to it. */
export interface WatchedResource {
  readonly representation: Representation | undefined;
  readonly summary: Heard | undefined;
  readonly history: UseQueryResult<readonly HistoryLine[]>;
  /** There is no such resource, or it is there no more. */
  readonly isGone: boolean;
  readonly failure: Error | undefined;
  readonly refresh: () => void;
}

/** How often at most the timeline is read while something goes on. */
const HISTORY_MS = 700;

export function useWatchedResource(path: string, id: string): WatchedResource {
  const { token } = useCredentials();
  const client = useQueryClient();
  const { state, failure, refresh } = useResource<Representation>(`${API}/${path}/${id}`, {
    headers: authorization(token),
  });
  const [summary, setSummary] = useState<Heard>();
  const [isGone, setGone] = useState(false);
  const key = ["history", token, path, id];
  const history = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => readHistory(path, id, signal),
    placeholderData: keepPreviousData,
    enabled: !isGone,
  });
  const readAgain = useSeldom(() => void client.invalidateQueries({ queryKey: key }), HISTORY_MS);
  useWatch({
    types: path,
    names: [`${path}/${id}`],
    onResource(next) {
      // Somebody may have begun something anew since this one was settled.
      if (summary === undefined || summary.operation.id !== next.operation.id) refresh();
      setSummary(heard(next));
      setGone(false);
      readAgain();
    },
    onGone: () => setGone(true),
  });
  useEffect(() => {
    if (failure instanceof ProblemError && failure.status === 401) refused(token);
  }, [failure, token]);
  return {
    representation: state?.representation,
    summary,
    history,
    isGone: isGone || failure instanceof GoneError,
    failure,
    refresh,
  };
}
