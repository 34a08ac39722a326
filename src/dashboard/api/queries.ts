import { QueryClient, useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { OverviewView, TypesView } from "../../server/dashboard/shapes.ts";
import { useCredentials } from "./credentials.ts";
import { RequestError, requestJson } from "./request.ts";

/** Retries only network and server errors, because a rejected request stays rejected. */
function isRetryable(failures: number, error: Error): boolean {
  const isPassing =
    error instanceof RequestError && (error.status === 0 || error.status >= 500) && !error.isUnsupported;
  return isPassing && failures < 4;
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { retry: isRetryable, staleTime: 2000, refetchOnWindowFocus: true } },
  });
}

/** Reads the resource types with their schemas, labels and actions. */
export function useTypes(): UseQueryResult<TypesView> {
  const { token } = useCredentials();
  return useQuery({
    queryKey: ["types", token],
    queryFn: async ({ signal }) => requestJson<TypesView>("types", signal),
    staleTime: 60_000,
  });
}

export interface OverviewQuery {
  readonly range: string;
  readonly type: string;
  readonly kind: string;
}

export function useOverview({ range, type, kind }: OverviewQuery): UseQueryResult<OverviewView> {
  const { token } = useCredentials();
  return useQuery({
    queryKey: ["overview", token, range, type, kind],
    queryFn: async ({ signal }) => requestJson<OverviewView>(`overview?${queryString({ range, type, kind })}`, signal),
    placeholderData: (previous) => previous,
    // Same interval as the server stores counts.
    refetchInterval: 10_000,
  });
}

/** Builds a query string from the parameters that are not empty. Keeps commas, which separate values. */
export function queryString(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}=${value.split(",").map(encodeURIComponent).join(",")}`)
    .join("&");
}
