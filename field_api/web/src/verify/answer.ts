import type { components } from '$shared/api/schema';

/** What the command post tells anybody who holds a paper: nothing of a person. */
export type Verification = components['schemas']['VerificationView'];

export type Answer = { kind: 'known'; paper: Verification } | { kind: 'unknown' } | { kind: 'failed' };

/** The id in `/verify/{id}`; null for an address that holds none. */
export function paperId(path: string): string | null {
  return /^\/verify\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/?$/.exec(path.toLowerCase())?.[1] ?? null;
}

export async function ask(id: string): Promise<Answer> {
  try {
    const response = await fetch(`/api/v1/verify/${id}`, { headers: { accept: 'application/json' } });
    if (response.status === 404) return { kind: 'unknown' };
    if (!response.ok) return { kind: 'failed' };
    return { kind: 'known', paper: (await response.json()) as Verification };
  } catch {
    return { kind: 'failed' };
  }
}
