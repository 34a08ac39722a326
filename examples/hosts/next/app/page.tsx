"use client";

import { useResource } from "afoot/react";
import { useState } from "react";

export default function Page() {
  const [url, setUrl] = useState<string>();
  return (
    <main>
      <form action={async (form) => setUrl(await print(String(form.get("title"))))}>
        <label>
          Title <input name="title" required />
        </label>{" "}
        <button>Print</button>
      </form>
      {url !== undefined && <Report url={url} />}
    </main>
  );
}

async function print(title: string): Promise<string> {
  const accepted = await fetch("/api/reports", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ configuration: { title } }),
  });
  return accepted.headers.get("Location") ?? "";
}

function Report({ url }: { readonly url: string }) {
  const { state, failure } = useResource(url);
  return <p role="status">{failure?.message ?? state?.status ?? "Sending"}</p>;
}
