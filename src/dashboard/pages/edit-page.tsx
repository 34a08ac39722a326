import { useQuery } from "@tanstack/react-query";
import { ProblemError, type ResourceHandle } from "afoot/client";
import { type ReactNode, useState } from "react";
import { useLocation } from "wouter";
import type { TypeView } from "../../server/dashboard/shapes.ts";
import { heeded, PATIENCE, reach } from "../api/client.ts";
import { useTypes } from "../api/queries.ts";
import { Fault } from "../components/notice.tsx";
import { Page } from "../components/page.tsx";
import { ConfigurationForm } from "../form/configuration-form.tsx";
import { mergePatch } from "../form/merge-patch.ts";

/** Changes the configuration as it was when the page was opened, and of no other. */
export function EditPage({ path, id }: { readonly path: string; readonly id: string }): ReactNode {
  const types = useTypes();
  const type = types.data?.types.find((each) => each.path === path);
  const found = useQuery({
    queryKey: ["edit", path, id],
    queryFn: async () => reach(path, id),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  return (
    <Page title={`Edit ${id}`}>
      {found.error === null ? null : <Fault error={found.error} onRetry={() => void found.refetch()} />}
      {type === undefined || found.data === undefined ? null : (
        <EditForm key={found.dataUpdatedAt} type={type} handle={found.data} onReload={() => void found.refetch()} />
      )}
    </Page>
  );
}

interface EditFormProps {
  readonly type: TypeView;
  readonly handle: ResourceHandle;
  readonly onReload: () => void;
}

function EditForm({ type, handle, onReload }: EditFormProps): ReactNode {
  const [, navigate] = useLocation();
  const [before] = useState<unknown>(() => handle.state.configuration);
  const [isOutdated, setOutdated] = useState(false);
  const place = `/resources/${type.path}/${handle.id}`;

  const send = async (value: unknown): Promise<void> => {
    try {
      await heeded(async () => handle.update(mergePatch(before, value), { ...PATIENCE, ifUnchanged: true }));
    } catch (error) {
      setOutdated(error instanceof ProblemError && error.status === 412);
      throw error;
    }
    navigate(place);
  };

  return (
    <ConfigurationForm type={type} initial={() => before} send="Save" onSend={send} back={place}>
      {isOutdated ? (
        <button type="button" className="button" onClick={onReload}>
          Read it anew
        </button>
      ) : null}
    </ConfigurationForm>
  );
}
