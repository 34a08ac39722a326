import { useQuery } from "@tanstack/react-query";
import { ProblemError, type ResourceHandle } from "afoot/client";
import { type ReactNode, useState } from "react";
import { useLocation } from "wouter";
import type { TypeView } from "../../server/dashboard/shapes.ts";
import { requireSignInOn401, REQUEST_OPTIONS, openResource } from "../api/client.ts";
import { useTypes } from "../api/queries.ts";
import { ErrorNotice } from "../components/notice.tsx";
import { Page } from "../components/page.tsx";
import { ConfigurationForm } from "../form/configuration-form.tsx";
import { mergePatch } from "../form/merge-patch.ts";

/** Edits the configuration as read when the page was opened. Saving fails if it has changed since. */
export function EditPage({ path, id }: { readonly path: string; readonly id: string }): ReactNode {
  const types = useTypes();
  const type = types.data?.types.find((each) => each.path === path);
  const query = useQuery({
    queryKey: ["edit", path, id],
    queryFn: async () => openResource(path, id),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  return (
    <Page title={`Edit ${id}`}>
      {query.error === null ? null : <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
      {type === undefined || query.data === undefined ? null : (
        <EditForm key={query.dataUpdatedAt} type={type} handle={query.data} onReload={() => void query.refetch()} />
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
  const [original] = useState<unknown>(() => handle.state.configuration);
  const [isOutdated, setOutdated] = useState(false);
  const resourceHref = `/resources/${type.path}/${handle.id}`;

  const send = async (value: unknown): Promise<void> => {
    try {
      await requireSignInOn401(async () =>
        handle.update(mergePatch(original, value), { ...REQUEST_OPTIONS, ifUnchanged: true }),
      );
    } catch (error) {
      setOutdated(error instanceof ProblemError && error.status === 412);
      throw error;
    }
    navigate(resourceHref);
  };

  return (
    <ConfigurationForm type={type} initial={() => original} submitText="Save" onSubmit={send} backHref={resourceHref}>
      {isOutdated ? (
        <button type="button" className="button" onClick={onReload}>
          Reload
        </button>
      ) : null}
    </ConfigurationForm>
  );
}
