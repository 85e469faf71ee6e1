/** What the tour points at, in the order of an incident; who may not see a thing is not led to it. */
export const STEPS = [
  { name: 'incident', at: '[data-testid="incident-chooser"]' },
  { name: 'alerts', at: '[data-testid="alert-queue"]' },
  { name: 'map', at: '[data-testid="map"]' },
  { name: 'tabs', at: '.right .tabs' },
  { name: 'timeline', at: '[data-testid="timeline"]' },
  { name: 'find', at: '[data-testid="palette-open"]' },
] as const;

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Where a card of `card` size stands beside `box` without leaving `page`: below, above, else inside. */
export function beside(box: Box, card: { width: number; height: number }, page: { width: number; height: number }): { left: number; top: number } {
  const GAP = 12;
  const within = (at: number, most: number) => Math.max(GAP, Math.min(at, most - GAP));
  const left = within(box.left + box.width / 2 - card.width / 2, page.width - card.width);
  const below = box.top + box.height + GAP;
  const above = box.top - GAP - card.height;
  const top = below + card.height <= page.height - GAP ? below : above >= GAP ? above : box.top + GAP;
  return { left, top: within(top, page.height - card.height) };
}
