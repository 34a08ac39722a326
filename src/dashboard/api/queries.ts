import { QueryClient, useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { OverviewView, TypesView } from "../../server/dashboard/shapes.ts";
import { AskError, askJson } from "./ask.ts";
import { useCredentials } from "./credentials.ts";

/** Faults of the request itself do not go by themselves; those of a network or a server may. */
function isWorthRepeating(failures: number, error: Error): boolean {
  const isPassing = error instanceof AskError && (error.status === 0 || error.status >= 500);
  return isPassing && failures < 4;
}

export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { retry: isWorthRepeating, staleTime: 2000, refetchOnWindowFocus: true } },
  });
}

/** The types, with all that forms and buttons are made from. */
export function useTypes(): UseQueryResult<TypesView> {
  const { token } = useCredentials();
  return useQuery({
    queryKey: ["types", token],
    queryFn: async ({ signal }) => askJson<TypesView>("types", signal),
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
    queryFn: async ({ signal }) => askJson<OverviewView>(`overview?${queryOf({ range, type, kind })}`, signal),
    placeholderData: (before) => before,
    // Counts are stored every ten seconds.
    refetchInterval: 10_000,
  });
}

/** A query of what is not empty. Commas that separate values stay as they are. */
export function queryOf(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}=${value.split(",").map(encodeURIComponent).join(",")}`)
    .join("&");
}
