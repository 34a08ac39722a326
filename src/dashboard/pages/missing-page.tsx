import type { ReactNode } from "react";
import { Link } from "wouter";
import { Notice } from "../components/notice.tsx";
import { Page } from "../components/page.tsx";

export function MissingPage(): ReactNode {
  return (
    <Page title="Nothing here">
      <Notice title="There is no page under this address.">
        <Link href="/" className="button">
          Go to the resources
        </Link>
      </Notice>
    </Page>
  );
}
