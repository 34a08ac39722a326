import { keepPreviousData, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { GoneError, type HistoryLine, ProblemError } from "afoot/client";
import { useResource } from "afoot/react";
import { useEffect, useState } from "react";
import { useChangeStream } from "./change-stream.ts";
import { readHistory } from "./client.ts";
import { authorization, requireSignIn, useCredentials } from "./credentials.ts";
import { type ResourceUpdate, toResourceUpdate } from "./live-resources.ts";
import { API } from "./request.ts";
import { useThrottled } from "./use-throttled.ts";

export type Representation = Readonly<Record<string, unknown>>;

/** A resource with its representation, summary and history, updated live. */
export interface LiveResource {
  readonly representation: Representation | undefined;
  readonly summary: ResourceUpdate | undefined;
  readonly history: UseQueryResult<readonly HistoryLine[]>;
  /** True if the resource does not exist or was deleted. */
  readonly isGone: boolean;
  readonly failure: Error | undefined;
  readonly refresh: () => void;
}

/** Minimum interval between two reads of the history. */
const HISTORY_REFETCH_INTERVAL_MS = 700;

export function useLiveResource(path: string, id: string): LiveResource {
  const { token } = useCredentials();
  const client = useQueryClient();
  const { state, failure, refresh } = useResource<Representation>(`${API}/${path}/${id}`, {
    headers: authorization(token),
  });
  const [summary, setSummary] = useState<ResourceUpdate>();
  const [isGone, setGone] = useState(false);
  const key = ["history", token, path, id];
  const history = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => readHistory(path, id, signal),
    placeholderData: keepPreviousData,
    enabled: !isGone,
  });
  const refetchHistory = useThrottled(
    () => void client.invalidateQueries({ queryKey: key }),
    HISTORY_REFETCH_INTERVAL_MS,
  );
  useChangeStream({
    types: path,
    resources: [`${path}/${id}`],
    onResource(next) {
      // A settled resource is not polled, so a new operation needs a refresh.
      if (summary === undefined || summary.operation.id !== next.operation.id) refresh();
      setSummary(toResourceUpdate(next));
      setGone(false);
      refetchHistory();
    },
    onGone: () => setGone(true),
  });
  useEffect(() => {
    if (failure instanceof ProblemError && failure.status === 401) requireSignIn(token);
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
