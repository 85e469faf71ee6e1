/** The hash of what the command post hands out, computed here. */
import { expected } from '$shared/api/client';
import { problemOf, unreachable } from '$shared/api/problem';
import { sha256Hex } from '$shared/sha256';

export async function sha256Of(url: string): Promise<string> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: 'same-origin' });
  } catch {
    throw expected(unreachable());
  }
  if (!response.ok) throw await problemOf(response);
  return sha256Hex(await response.arrayBuffer());
}
