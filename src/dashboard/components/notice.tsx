import type { ReactNode } from "react";

export interface NoticeProps {
  readonly title: string;
  readonly children?: ReactNode;
  /** Something went wrong: it is said at once. @default false */
  readonly isFault?: boolean;
}

/** Says why there is nothing to see, and what to do. */
export function Notice({ title, children, isFault = false }: NoticeProps): ReactNode {
  return (
    <div className={isFault ? "notice notice-fault" : "notice"} {...(isFault ? { role: "alert" } : {})}>
      <p className="notice-title">{title}</p>
      {children}
    </div>
  );
}

/** A failure to read something, with the way out of it. */
export function Fault({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }): ReactNode {
  return (
    <Notice title={error.message} isFault>
      <button type="button" className="button" onClick={onRetry}>
        Try again
      </button>
    </Notice>
  );
}
