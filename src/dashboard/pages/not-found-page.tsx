import type { ReactNode } from "react";
import { Link } from "wouter";
import { Notice } from "../components/notice.tsx";
import { Page } from "../components/page.tsx";

export function NotFoundPage(): ReactNode {
  return (
    <Page title="Page not found">
      <Notice title="There is no page at this address.">
        <Link href="/" className="button">
          Go to the resources
        </Link>
      </Notice>
    </Page>
  );
}
