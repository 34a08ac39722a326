import type { ReactNode } from "react";
import { RequestError } from "../api/request.ts";

export interface NoticeProps {
  readonly title: string;
  readonly children?: ReactNode;
  /** Marks an error, which screen readers announce immediately. @default false */
  readonly isError?: boolean;
}

/** A message in place of content, with the way out of it. */
export function Notice({ title, children, isError = false }: NoticeProps): ReactNode {
  return (
    <div className={isError ? "notice notice-error" : "notice"} {...(isError ? { role: "alert" } : {})}>
      <p className="notice-title">{title}</p>
      {children}
    </div>
  );
}

/** A failed read, with a button to retry if that may help. */
export function ErrorNotice({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }): ReactNode {
  if (error instanceof RequestError && error.isUnsupported) {
    return (
      <Notice title="This store does not offer this view.">
        <p>{error.message}</p>
      </Notice>
    );
  }
  return (
    <Notice title={error.message} isError>
      <button type="button" className="button" onClick={onRetry}>
        Try again
      </button>
    </Notice>
  );
}
