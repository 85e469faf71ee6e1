/** Names of the district, its streets and communities: asked once, the code stands until they are here. */
import { ask, http } from '$shared/api/client';

let names = $state.raw<ReadonlyMap<string, string>>(new Map());
let asked = false;

/** "碧鸡街道观音山社区" for the code of a community; the code itself while its name is not known. */
export function areaName(code: string): string {
  return names.get(code) ?? code;
}

/** All areas as choices, the district first. */
export function areaChoices(): { value: string; text: string }[] {
  return [...names].map(([value, name]) => ({ value, text: `${name} ${value}` }));
}

/** Ask for the names once; a list without them is still a list, so a refusal leaves the codes. */
export async function loadAreaNames(): Promise<void> {
  if (asked) return;
  asked = true;
  try {
    const areas = await ask(http.GET('/api/v1/areas'));
    names = new Map(areas.map(({ code, name }) => [code, name]));
  } catch {
    asked = false;
  }
}
