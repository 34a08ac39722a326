import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import type { TypeView } from "../../server/dashboard/shapes.ts";
import { create } from "../api/client.ts";
import { useTypes } from "../api/queries.ts";
import { ErrorNotice, Notice } from "../components/notice.tsx";
import { Page } from "../components/page.tsx";
import { ConfigurationForm } from "../form/configuration-form.tsx";
import { initialValue } from "../form/initial-value.ts";

export function CreatePage({ path }: { readonly path: string }): ReactNode {
  const types = useTypes();
  const type = types.data?.types.find((each) => each.path === path && each.isCreatable);
  const title = type === undefined ? "New resource" : `New ${type.title.toLowerCase()}`;
  return (
    <Page title={title}>
      {types.error === null ? null : <ErrorNotice error={types.error} onRetry={() => void types.refetch()} />}
      {types.data !== undefined && type === undefined ? (
        <Notice title="Unknown resource type.">
          <Link href="/" className="button">
            Back to the resources
          </Link>
        </Notice>
      ) : null}
      {type === undefined ? null : <CreateForm type={type} />}
    </Page>
  );
}

function CreateForm({ type }: { readonly type: TypeView }): ReactNode {
  const [, navigate] = useLocation();
  const send = async (value: unknown): Promise<void> => {
    const { id } = await create(type.path, value ?? {});
    navigate(`/resources/${type.path}/${id}`);
  };
  return (
    <ConfigurationForm
      type={type}
      initial={() => initialValue(type.configuration)}
      submitText="Create"
      onSubmit={send}
      backHref="/"
    />
  );
}
